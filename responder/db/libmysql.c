/* SPDX-License-Identifier: Apache-2.0 */
#include "db/libmysql.h"

libmysql_t libmysql;

#define FUNCTION(returns, member, name, takes) \
    { name, (void **)&libmysql.member },

int libmysql_load(void)
{
    const symbol_t wanted[] = { LIBMYSQL_FUNCTIONS(FUNCTION) };
    /* MySQL's own library has but the first of these, though another module may
     * have brought in MariaDB's, too; the time limit of its reads counts then.
     */
    const symbol_t welcome[] = {
        { "mysql_real_escape_string_quote", (void **)&libmysql.escape_quoted },
        { "mysql_get_socket", (void **)&libmysql.socket },
        { "mysql_read_query_result_start",
          (void **)&libmysql.read_outcome.start },
        { "mysql_read_query_result_cont",
          (void **)&libmysql.read_outcome.go_on },
        { "mysql_store_result_start", (void **)&libmysql.read_rows.start },
        { "mysql_store_result_cont", (void **)&libmysql.read_rows.go_on },
    };

    if (!symbols_find(wanted, sizeof(wanted) / sizeof(*wanted)))
        return 0;
    symbols_find_beside(*wanted[0].function, welcome,
                        sizeof(welcome) / sizeof(*welcome));
    return 1;
}

int libmysql_reads_in_parts(void)
{
    return libmysql.socket && libmysql.read_outcome.start
        && libmysql.read_outcome.go_on && libmysql.read_rows.start
        && libmysql.read_rows.go_on;
}
