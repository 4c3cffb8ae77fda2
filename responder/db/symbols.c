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
