/* SPDX-License-Identifier: Apache-2.0 */
#include "db/libmysql.h"

libmysql_t libmysql;

#define FUNCTION(returns, member, name, takes) \
    { name, (void **)&libmysql.member },

int libmysql_load(void)
{
    const symbol_t wanted[] = { LIBMYSQL_FUNCTIONS(FUNCTION) };
    /* MySQL's own library has none; the time limit of its reads counts then. */
    const symbol_t welcome = { "mysql_get_socket", (void **)&libmysql.socket };

    symbols_find(&welcome, 1);
    return symbols_find(wanted, sizeof(wanted) / sizeof(*wanted));
}
