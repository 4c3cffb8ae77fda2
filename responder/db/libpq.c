/* SPDX-License-Identifier: Apache-2.0 */
#include "db/libpq.h"

#include <string.h>

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

int libpq_is_about_server(const char *state)
{
    /* Connections, as of a foreign table's server; what is undone by it, as by
     * a standby for its primary's sake; resources; operators; its system. */
    static const char *const classes[] = { "08", "40", "53", "57P", "58" };
    unsigned i;

    for (i = 0; state && i < sizeof(classes) / sizeof(*classes); i++) {
        if (strncmp(state, classes[i], strlen(classes[i])) == 0)
            return 1;
    }
    return 0;
}
