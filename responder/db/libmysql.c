/* SPDX-License-Identifier: Apache-2.0 */
#include "db/libmysql.h"

#include "db/symbols.h"

libmysql_t libmysql;

int libmysql_load(void)
{
    const symbol_t wanted[] = {
        { "mysql_init", (void **)&libmysql.init },
        { "mysql_options", (void **)&libmysql.options },
        { "mysql_real_connect", (void **)&libmysql.connect },
        { "mysql_close", (void **)&libmysql.close },
        { "mysql_errno", (void **)&libmysql.error_number },
        { "mysql_error", (void **)&libmysql.error },
        { "mysql_real_escape_string", (void **)&libmysql.escape },
        { "mysql_autocommit", (void **)&libmysql.autocommit },
        { "mysql_real_query", (void **)&libmysql.query },
        { "mysql_send_query", (void **)&libmysql.send_query },
        { "mysql_read_query_result", (void **)&libmysql.read_query_result },
        { "mysql_store_result", (void **)&libmysql.store_result },
        { "mysql_free_result", (void **)&libmysql.free_result },
        { "mysql_num_fields", (void **)&libmysql.columns },
        { "mysql_fetch_row", (void **)&libmysql.fetch_row },
        { "mysql_fetch_lengths", (void **)&libmysql.fetch_lengths },
        { "mysql_get_client_info", (void **)&libmysql.version },
    };
    /* MySQL's own library has none; the time limit of its reads counts then. */
    const symbol_t welcome = { "mysql_get_socket", (void **)&libmysql.socket };

    symbols_find(&welcome, 1);
    return symbols_find(wanted, sizeof(wanted) / sizeof(*wanted));
}
