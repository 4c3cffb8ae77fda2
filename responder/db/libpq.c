/* SPDX-License-Identifier: Apache-2.0 */
#include "db/libpq.h"

#include "apr_strings.h"

libpq_t libpq;

#define FUNCTION(returns, member, name, takes) { name, (void **)&libpq.member },

int libpq_load(void)
{
    const symbol_t wanted[] = { LIBPQ_FUNCTIONS(FUNCTION) };

    return symbols_find(wanted, sizeof(wanted) / sizeof(*wanted));
}

const char *libpq_version(apr_pool_t *pool)
{
    int version = libpq.version();

    return apr_psprintf(pool, "%d.%d", version / 10000, version % 10000);
}
