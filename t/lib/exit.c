/* SPDX-License-Identifier: Apache-2.0
 * For `make coverage`, linked with --wrap=_exit: a process that ends by _exit()
 * writes down what it has reached, as exit() does. */
void __gcov_dump(void);
void __real__exit(int status);
void __wrap__exit(int status);

void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}
