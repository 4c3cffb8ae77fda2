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
enum { ER_SERVER_SHUTDOWN = 1053, ER_CONNECTION_KILLED = 1927 };

typedef struct {
    void *handle;
    int takes_values; /* EXECUTE may be given values, as MariaDB's is */
    kept_t kept;      /* names of statements */
} mysql_t;

/* -- connections ----------------------------------------------------------- */

static void *mysql_open(apr_pool_t *pool, const char *params,
                        const apr_array_header_t *commands, const char **why)
{
    mysql_t *mysql = apr_pcalloc(pool, sizeof(*mysql));

    mysql->kept.end = free;
    mysql->handle =
        mysql_connect(pool, params, commands, &mysql->takes_values, why);
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
static driver_result_t wait_until(void *mysql, apr_time_t deadline)
{
    const int wire = libmysql.socket ? libmysql.socket(mysql) : -1;

    return wire < 0 ? DRIVER_DONE : driver_wait(wire, deadline);
}

static const char *escape(void *mysql, apr_pool_t *pool, const char *text)
{
    apr_size_t length = strlen(text);
    char *escaped = apr_palloc(pool, 2 * length + 1);

    libmysql.escape(mysql, escaped, text, length);
    return escaped;
}

typedef struct {
    char **row;
    const unsigned long *lengths; /* of its columns, in bytes */
} fetched_t;

static const char *column_of(void *source, int number, int column,
                             apr_size_t *length)
{
    const fetched_t *fetched = source;

    (void)number;
    *length = fetched->lengths[column];
    return fetched->row[column];
}

static driver_result_t mysql_failure(void *mysql, apr_pool_t *pool,
                                     const char **why)
{
    unsigned error = libmysql.error_number(mysql);

    *why = apr_psprintf(pool, "the query failed (MariaDB, %u): %s", error,
                        *libmysql.error(mysql) ? libmysql.error(mysql)
                                               : "no reason given");
    return (error >= CLIENT_ERRORS && error < CLIENT_ERRORS_END)
            || error == ER_SERVER_SHUTDOWN || error == ER_CONNECTION_KILLED
        ? DRIVER_LOST
        : DRIVER_REFUSED;
}

static driver_result_t copy_out(void *mysql, apr_pool_t *pool, int columns,
                                db_rows_t *rows, const char **why)
{
    void *result = libmysql.store_result(mysql);
    apr_array_header_t *list = result_begin(pool);
    fetched_t fetched;

    if (!result)
        return mysql_failure(mysql, pool, why);
    if (libmysql.columns(result) == (unsigned)columns) {
        while ((fetched.row = libmysql.fetch_row(result)) != NULL) {
            fetched.lengths = libmysql.fetch_lengths(result);
            result_add(list, columns, column_of, &fetched, 0);
        }
        *rows = result_rows(list, columns);
    }
    else
        *why = "the result of the query has another number of columns";
    libmysql.free_result(result);
    return *why ? DRIVER_REFUSED : DRIVER_DONE;
}

/* Until its result can be read. */
static driver_result_t ask(void *mysql, apr_pool_t *pool, const char *text,
                           apr_time_t deadline, const char **why)
{
    driver_result_t waited;

    *why = NULL;
    if (libmysql.send_query(mysql, text, strlen(text)) != 0)
        return mysql_failure(mysql, pool, why);
    waited = wait_until(mysql, deadline);
    if (waited != DRIVER_DONE)
        *why = "the database (MariaDB) did not answer in time";
    else if (libmysql.read_query_result(mysql) != 0)
        return mysql_failure(mysql, pool, why);
    return waited;
}

/* -- statements that are kept ---------------------------------------------- */

/* Prepares a query, in the place of the one that was prepared first where there
 * are too many. */
static driver_result_t prepare(mysql_t *mysql, apr_pool_t *pool,
                               const char *text, apr_time_t deadline,
                               const char **name, const char **why)
{
    const char *surplus = kept_surplus(&mysql->kept);
    char *new_name = kept_name(pool, text);
    driver_result_t result = DRIVER_DONE;

    if (surplus)
        result = ask(mysql->handle, pool,
                     apr_pstrcat(pool, "DEALLOCATE PREPARE ", surplus, NULL),
                     deadline, why);
    if (result == DRIVER_DONE)
        result = ask(mysql->handle, pool,
                     apr_pstrcat(pool, "PREPARE ", new_name, " FROM '",
                                 escape(mysql->handle, pool, text), "'", NULL),
                     deadline, why);
    if (result == DRIVER_DONE)
        *name = kept_add(&mysql->kept, text, strdup(new_name));
    return *name || result != DRIVER_DONE ? result : DRIVER_REFUSED;
}

/* "EXECUTE NAME USING ?,?,…", in pool. */
static const char *execute(apr_pool_t *pool, const char *name, int count)
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

/* EXECUTE with the arguments as its values: the server parses no more. */
static driver_result_t run_kept(mysql_t *mysql, apr_pool_t *pool,
                                const db_query_t *query, apr_time_t deadline,
                                const char **why)
{
    driver_result_t result = DRIVER_DONE;
    const char *name = kept_find(&mysql->kept, query->text), *text;
    db_query_t values = *query;

    if (!name)
        result = prepare(mysql, pool, query->text, deadline, &name, why);
    if (result != DRIVER_DONE)
        return result;
    values.text = execute(pool, name, query->count);
    text = placeholder_fill(pool, &values, escape, mysql->handle);
    return text ? ask(mysql->handle, pool, text, deadline, why)
                : DRIVER_REFUSED;
}

/* The server may still hold it. */
static driver_result_t forget(mysql_t *mysql, apr_pool_t *pool,
                              const char *text, apr_time_t deadline,
                              const char **why)
{
    const char *name = kept_find(&mysql->kept, text);

    if (name)
        name = apr_pstrcat(pool, "DEALLOCATE PREPARE ", name, NULL);
    kept_fail(&mysql->kept, text, apr_time_now());
    return name ? ask(mysql->handle, pool, name, deadline, why)
                : DRIVER_REFUSED;
}

/* -------------------------------------------------------------------------- */

static driver_result_t run_text(mysql_t *mysql, apr_pool_t *pool,
                                const db_query_t *query, apr_time_t deadline,
                                const char **why)
{
    const char *text = placeholder_fill(pool, query, escape, mysql->handle);

    if (text)
        return ask(mysql->handle, pool, text, deadline, why);
    *why = "the query and its arguments do not fit each other";
    return DRIVER_REFUSED;
}

static driver_result_t mysql_run(void *connection, apr_pool_t *pool,
                                 const db_query_t *query, apr_time_t deadline,
                                 db_rows_t *rows, const char **why)
{
    mysql_t *mysql = connection;
    driver_result_t result = DRIVER_REFUSED;

    if (query->is_kept && mysql->takes_values
        && !kept_rests(&mysql->kept, apr_time_now())) {
        result = run_kept(mysql, pool, query, deadline, why);
        if (result == DRIVER_REFUSED
            && forget(mysql, pool, query->text, deadline, why) == DRIVER_LATE)
            return DRIVER_LATE;
    }
    if (result == DRIVER_REFUSED)
        result = run_text(mysql, pool, query, deadline, why);
    return result == DRIVER_DONE
        ? copy_out(mysql->handle, pool, query->columns, rows, why)
        : result;
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
