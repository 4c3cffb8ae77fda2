/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include <stdlib.h>
#include <string.h>

#include "apr_strings.h"

#include "db/kept.h"
#include "db/libmysql.h"
#include "db/mysql_connect.h"
#include "db/placeholder.h"

/* Errors from here on are the client's, most often of a lost connection. */
enum { CLIENT_ERRORS = 2000, CLIENT_ERRORS_END = 3000 };

/* Of a server that ends the connection, or that is none of a Galera cluster's
 * majority: another may be behind the next connection. */
enum {
    ER_UNKNOWN_COM_ERROR = 1047,
    ER_SERVER_SHUTDOWN = 1053,
    ER_CONNECTION_KILLED = 1927,
    ER_CLIENT_INTERACTION_TIMEOUT = 4031
};

/* Of a server that has trouble, or of the one that has a table's rows. */
enum {
    ER_DISK_FULL = 1021,
    ER_OUTOFMEMORY = 1037,
    ER_OUT_OF_SORTMEMORY = 1038,
    ER_OUT_OF_RESOURCES = 1041,
    ER_LOCK_DEADLOCK = 1213,
    ER_USER_LIMIT_REACHED = 1226,
    ER_CONNECT_TO_FOREIGN_DATA_SOURCE = 1429,
    ER_QUERY_ON_FOREIGN_DATA_SOURCE = 1430
};

/* Of a query that the server has given up on: MariaDB's and MySQL's. */
enum {
    ER_LOCK_WAIT_TIMEOUT = 1205,
    ER_QUERY_INTERRUPTED = 1317,
    ER_STATEMENT_TIMEOUT = 1969,
    ER_QUERY_TIMEOUT = 3024
};

typedef struct {
    void *handle;
    mysql_abilities_t abilities;
    kept_t kept; /* names of statements */
} mysql_t;

/* -- connections ----------------------------------------------------------- */

static void *mysql_open(apr_pool_t *pool, const char *params,
                        const apr_array_header_t *commands, const char **why)
{
    mysql_t *mysql = apr_pcalloc(pool, sizeof(*mysql));

    mysql->kept.end = free;
    mysql->handle =
        mysql_connect(pool, params, commands, &mysql->abilities, why);
    return mysql->handle ? mysql : NULL;
}

/* An idle one has nothing to say, but that it ends. */
static int mysql_is_usable(void *connection)
{
    const mysql_t *mysql = connection;
    const int wire = libmysql.socket ? libmysql.socket(mysql->handle) : -1;

    return wire < 0 || driver_is_silent(wire);
}

/* A farewell is sent, which fits into the socket's buffer. */
static void mysql_end(void *connection)
{
    mysql_t *mysql = connection;

    kept_end(&mysql->kept);
    libmysql.close(mysql->handle);
}

/* -- queries --------------------------------------------------------------- */

/* Until there is something to read. */
static driver_result_t mysql_wait_until(const mysql_t *mysql, db_run_t *run)
{
    const int wire = libmysql.socket ? libmysql.socket(mysql->handle) : -1;
    const driver_result_t waited =
        wire < 0 ? DRIVER_DONE : driver_wait(wire, run->deadline);

    if (waited != DRIVER_DONE)
        run->why = "the database (MariaDB) did not answer in time";
    return waited;
}

/* To the end, which may be long in coming though it has begun: the library's
 * own time limit is that of each piece. */
static driver_result_t mysql_read(const mysql_t *mysql, db_run_t *run,
                                  const libmysql_read_t *read, void *result)
{
    int events = read->start(result, mysql->handle);
    driver_result_t waited = DRIVER_DONE;

    while (events && (waited = mysql_wait_until(mysql, run)) == DRIVER_DONE)
        events = read->go_on(result, mysql->handle, MYSQL_WAIT_READ);
    /* It frees what it has read, and closes the socket. */
    if (waited != DRIVER_DONE)
        read->go_on(result, mysql->handle, MYSQL_WAIT_TIMEOUT);
    return waited;
}

/* NULL if it cannot be. */
static const char *mysql_escape(void *handle, apr_pool_t *pool,
                                const char *text)
{
    apr_size_t length = strlen(text);
    char *escaped = apr_palloc(pool, 2 * length + 1);
    const unsigned long written = libmysql.escape_quoted
        ? libmysql.escape_quoted(handle, escaped, text, length, '\'')
        : libmysql.escape(handle, escaped, text, length);

    return written == (unsigned long)-1 ? NULL : escaped;
}

typedef struct {
    char **row;
    const unsigned long *lengths; /* of its columns, in bytes */
} fetched_t;

static const char *mysql_column_of(void *source, int number, int column,
                                   apr_size_t *length)
{
    const fetched_t *fetched = source;

    (void)number;
    *length = fetched->lengths[column];
    return fetched->row[column];
}

static driver_result_t mysql_failure(const mysql_t *mysql, db_run_t *run)
{
    unsigned error = libmysql.error_number(mysql->handle);
    const char *text = libmysql.error(mysql->handle);

    run->why = apr_psprintf(run->pool, "the query failed (MariaDB, %u): %s",
                            error, *text ? text : "no reason given");
    switch (error) {
    case ER_UNKNOWN_COM_ERROR:
    case ER_SERVER_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_CLIENT_INTERACTION_TIMEOUT:
        return DRIVER_LOST;
    case ER_DISK_FULL:
    case ER_OUTOFMEMORY:
    case ER_OUT_OF_SORTMEMORY:
    case ER_OUT_OF_RESOURCES:
    case ER_LOCK_DEADLOCK:
    case ER_USER_LIMIT_REACHED:
    case ER_CONNECT_TO_FOREIGN_DATA_SOURCE:
    case ER_QUERY_ON_FOREIGN_DATA_SOURCE:
        return DRIVER_UNABLE;
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
    case ER_QUERY_TIMEOUT:
        return DRIVER_SLOW;
    default:
        return error >= CLIENT_ERRORS && error < CLIENT_ERRORS_END
            ? DRIVER_LOST
            : DRIVER_REFUSED;
    }
}

static driver_result_t mysql_copy_out(const mysql_t *mysql, db_run_t *run)
{
    const int columns = run->query->columns;
    apr_array_header_t *list = result_begin(run->pool);
    driver_result_t waited = DRIVER_DONE;
    void *result = NULL;
    fetched_t fetched;

    if (mysql->abilities.reads_in_parts)
        waited = mysql_read(mysql, run, &libmysql.read_rows, &result);
    else
        result = libmysql.store_result(mysql->handle);
    if (waited != DRIVER_DONE)
        return waited;
    if (!result)
        return mysql_failure(mysql, run);
    if (libmysql.columns(result) == (unsigned)columns) {
        while ((fetched.row = libmysql.fetch_row(result)) != NULL) {
            fetched.lengths = libmysql.fetch_lengths(result);
            result_add(list, columns, mysql_column_of, &fetched, 0);
        }
        run->rows = result_rows(list, columns);
    }
    else
        run->why = "the result of the query has another number of columns";
    libmysql.free_result(result);
    return run->why ? DRIVER_REFUSED : DRIVER_DONE;
}

/* Until its result can be read. */
static driver_result_t mysql_ask(const mysql_t *mysql, db_run_t *run,
                                 const char *text)
{
    driver_result_t waited;
    char has_failed = 0;

    run->why = NULL;
    if (libmysql.send_query(mysql->handle, text, strlen(text)) != 0)
        return mysql_failure(mysql, run);
    waited = mysql_wait_until(mysql, run);
    if (waited == DRIVER_DONE && mysql->abilities.reads_in_parts)
        waited = mysql_read(mysql, run, &libmysql.read_outcome, &has_failed);
    else if (waited == DRIVER_DONE)
        has_failed = libmysql.read_query_result(mysql->handle) != 0;
    return has_failed ? mysql_failure(mysql, run) : waited;
}

/* -- statements that are kept ---------------------------------------------- */

static driver_result_t mysql_deallocate(const mysql_t *mysql, db_run_t *run,
                                        const char *name)
{
    return mysql_ask(mysql, run,
                     apr_pstrcat(run->pool, "DEALLOCATE PREPARE ", name, NULL));
}

/* Prepares a query, in the place of the one that was prepared first where there
 * are too many. */
static driver_result_t mysql_prepare(mysql_t *mysql, db_run_t *run,
                                     const char **name)
{
    const char *surplus = kept_surplus(&mysql->kept), *text = run->query->text;
    const char *escaped = mysql_escape(mysql->handle, run->pool, text);
    char *new_name = kept_name(run->pool, text);
    driver_result_t result = escaped ? DRIVER_DONE : DRIVER_REFUSED;

    if (surplus && escaped)
        result = mysql_deallocate(mysql, run, surplus);
    if (result == DRIVER_DONE)
        result = mysql_ask(mysql, run,
                           apr_pstrcat(run->pool, "PREPARE ", new_name,
                                       " FROM '", escaped, "'", NULL));
    if (result == DRIVER_DONE)
        *name = kept_add(&mysql->kept, text, strdup(new_name));
    return *name || result != DRIVER_DONE ? result : DRIVER_REFUSED;
}

/* "EXECUTE NAME USING ?,?,…", in pool. */
static const char *mysql_execute(apr_pool_t *pool, const char *name, int count)
{
    char *marks = apr_palloc(pool, 2 * (apr_size_t)count + 1), *to = marks;
    int i;

    for (i = 0; i < count; i++) {
        *to++ = i ? ',' : ' ';
        *to++ = '?';
    }
    *to = '\0';
    return apr_pstrcat(pool, "EXECUTE ", name, count ? " USING" : "", marks,
                       NULL);
}

static driver_result_t mysql_run_text(const mysql_t *mysql, db_run_t *run,
                                      const db_query_t *query)
{
    const char *text =
        placeholder_fill(run->pool, query, mysql_escape, mysql->handle);

    if (text)
        return mysql_ask(mysql, run, text);
    run->why = "the query and its arguments do not fit each other";
    return DRIVER_REFUSED;
}

/* EXECUTE with the arguments as its values: the server parses no more. */
static driver_result_t mysql_run_kept(mysql_t *mysql, db_run_t *run)
{
    driver_result_t result = DRIVER_DONE;
    const char *name = kept_find(&mysql->kept, run->query->text);
    db_query_t values = *run->query;

    if (!name)
        result = mysql_prepare(mysql, run, &name);
    if (result != DRIVER_DONE)
        return result;
    values.text = mysql_execute(run->pool, name, values.count);
    return mysql_run_text(mysql, run, &values);
}

/* The server may still hold it. */
static driver_result_t mysql_forget(mysql_t *mysql, db_run_t *run)
{
    const char *name = kept_find(&mysql->kept, run->query->text);

    if (name)
        name = apr_pstrdup(run->pool, name);
    kept_fail(&mysql->kept, run->query->text, apr_time_now());
    return name ? mysql_deallocate(mysql, run, name) : DRIVER_REFUSED;
}

/* -------------------------------------------------------------------------- */

static driver_result_t mysql_run(void *connection, db_run_t *run)
{
    mysql_t *mysql = connection;
    driver_result_t result = DRIVER_REFUSED;

    if (run->query->is_kept && mysql->abilities.takes_values
        && !kept_rests(&mysql->kept, apr_time_now())) {
        result = mysql_run_kept(mysql, run);
        if (result == DRIVER_REFUSED && mysql_forget(mysql, run) == DRIVER_LATE)
            return DRIVER_LATE;
    }
    if (result == DRIVER_REFUSED)
        result = mysql_run_text(mysql, run, run->query);
    return result == DRIVER_DONE ? mysql_copy_out(mysql, run) : result;
}

static const char *mysql_version(apr_pool_t *unused)
{
    (void)unused;
    return libmysql.version();
}

const driver_t mysql_driver = {
    .name = "mysql",
    .load = libmysql_load,
    .open = mysql_open,
    .is_usable = mysql_is_usable,
    .run = mysql_run,
    .close = mysql_end,
    .version = mysql_version,
    /* As text it is OFF or ON, or in MySQL 0 or 1. */
    .replica = "SELECT CASE WHEN CAST(@@global.read_only AS CHAR) IN "
               "('0', 'OFF') THEN '0' ELSE '1' END, NULL",
    .autocommit = "SELECT CAST(@ocsp_responder_autocommit AS CHAR)",
};
