/* SPDX-License-Identifier: Apache-2.0
 * For LD_PRELOAD: a database in SQLite that is as slow as a server far away. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

int sqlite3_step(void *statement);
int sqlite3_step(void *statement)
{
    int (*real)(void *);

    *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_step");
    usleep(10000);
    return real(statement);
}
