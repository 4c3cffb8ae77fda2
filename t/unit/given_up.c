/* SPDX-License-Identifier: Apache-2.0
 * mysql.c: an answer of MariaDB's that begins and never ends is given up, and
 * the library is told so, which would keep for ever what it has read of it. */
#include "apr_general.h"
#include "db/mysql.c"
#include "tap.h"

libmysql_t libmysql;
static int waits, given_up;

int libmysql_load(void)
{
    return 1;
}

void *mysql_connect(apr_pool_t *pool, const char *params,
                    const apr_array_header_t *commands,
                    mysql_abilities_t *abilities, const char **why)
{
    (void)pool;
    (void)params;
    (void)commands;
    (void)why;
    abilities->reads_in_parts = 1;
    return abilities;
}

int driver_is_silent(int socket)
{
    return socket == 1;
}

driver_result_t driver_wait(int socket, apr_time_t deadline)
{
    (void)socket;
    (void)deadline;
    return --waits > 0 ? DRIVER_DONE : DRIVER_LATE;
}

static int socket_of(void *handle)
{
    (void)handle;
    return 1;
}

static int send_query(void *handle, const char *text, unsigned long length)
{
    (void)handle;
    (void)text;
    (void)length;
    return 0;
}

static int read_none(void *result, void *handle)
{
    (void)result;
    (void)handle;
    return MYSQL_WAIT_READ;
}

static int read_all(void *result, void *handle)
{
    (void)result;
    (void)handle;
    return 0;
}

static int read_some(void *result, void *handle, int events)
{
    (void)result;
    (void)handle;
    if (events != MYSQL_WAIT_TIMEOUT)
        return MYSQL_WAIT_READ;
    given_up++;
    return 0;
}

static void close_handle(void *handle)
{
    (void)handle;
}

static void check(apr_pool_t *pool, const char *what)
{
    static const db_query_t query = { .text = "SELECT 1", .columns = 1 };
    db_run_t run = { .pool = pool, .query = &query };
    const char *why = NULL;
    void *connection = mysql_driver.open(pool, "", NULL, &why);

    waits = 4;
    given_up = 0;
    ok(mysql_driver.run(connection, &run) == DRIVER_LATE,
       "%s that never ends is late", what);
    ok(given_up == 1, "  and given up, once");
    is(run.why, "the database (MariaDB) did not answer in time", "  and told");
    mysql_driver.close(connection);
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    libmysql.socket = socket_of;
    libmysql.send_query = send_query;
    libmysql.close = close_handle;
    libmysql.read_outcome = (libmysql_read_t){ read_none, read_some };
    libmysql.read_rows = libmysql.read_outcome;
    check(pool, "an outcome");
    libmysql.read_outcome.start = read_all;
    check(pool, "a result");
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
