/* SPDX-License-Identifier: Apache-2.0 */
#include "db/libmysql.h"

libmysql_t libmysql;

#define FUNCTION(returns, member, name, takes) \
    { name, (void **)&libmysql.member },

int libmysql_load(void)
{
    const symbol_t wanted[] = { LIBMYSQL_FUNCTIONS(FUNCTION) };
    /* MySQL's own library has none; the time limit of its reads counts then. */
    const symbol_t welcome[] = {
        { "mysql_get_socket", (void **)&libmysql.socket },
        { "mysql_read_query_result_start",
          (void **)&libmysql.read_outcome.start },
        { "mysql_read_query_result_cont",
          (void **)&libmysql.read_outcome.go_on },
        { "mysql_store_result_start", (void **)&libmysql.read_rows.start },
        { "mysql_store_result_cont", (void **)&libmysql.read_rows.go_on },
    };

    symbols_find(welcome, sizeof(welcome) / sizeof(*welcome));
    return symbols_find(wanted, sizeof(wanted) / sizeof(*wanted));
}

int libmysql_reads_in_parts(void)
{
    return libmysql.socket && libmysql.read_outcome.start
        && libmysql.read_outcome.go_on && libmysql.read_rows.start
        && libmysql.read_rows.go_on;
}
