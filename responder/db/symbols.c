/* SPDX-License-Identifier: Apache-2.0 */
#include "db/symbols.h"

#include <dlfcn.h>
#include <stddef.h>

int symbols_find(const symbol_t *wanted, apr_size_t count)
{
    int whole = 1;
    apr_size_t i;

    for (i = 0; i < count; i++) {
        *wanted[i].function = dlsym(RTLD_DEFAULT, wanted[i].name);
        whole &= *wanted[i].function != NULL;
    }
    return whole;
}

/* Where the library begins that a function is in. */
static const void *library_of(const void *function)
{
    Dl_info info;

    return function && dladdr(function, &info) ? info.dli_fbase : NULL;
}

void symbols_find_beside(const void *function, const symbol_t *wanted,
                         apr_size_t count)
{
    const void *library = library_of(function);
    apr_size_t i;

    symbols_find(wanted, count);
    for (i = 0; i < count; i++) {
        if (library_of(*wanted[i].function) != library)
            *wanted[i].function = NULL;
    }
}
