/* SPDX-License-Identifier: Apache-2.0 */
#include "db/pgsql.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "apr_strings.h"
#include "apr_tables.h"

#include "db/placeholder.h"
#include "db/symbols.h"

/* Of libpq-fe.h, which need not be installed. */
enum { CONNECTION_OK = 0 };
enum { PGRES_COMMAND_OK = 1, PGRES_TUPLES_OK = 2 };

/* Written once, before there are threads. */
static struct {
    int (*socket)(const void *);
    int (*status)(const void *);
    int (*send_prepare)(void *, const char *name, const char *sql, int count,
                        const unsigned *types);
    int (*send)(void *, const char *name, int count, const char *const *values,
                const int *lengths, const int *formats, int binary);
    int (*consume)(void *);
    int (*is_busy)(void *);
    void *(*result)(void *);
    int (*result_status)(const void *);
    int (*rows)(const void *);
    int (*columns)(const void *);
    int (*is_null)(const void *, int row, int column);
    char *(*value)(const void *, int row, int column);
    void (*clear)(void *);
    int is_whole; /* all of them are there */
} api;

void pgsql_find_functions(void)
{
    const symbol_t wanted[] = {
        { "PQsocket", (void **)&api.socket },
        { "PQstatus", (void **)&api.status },
        { "PQsendPrepare", (void **)&api.send_prepare },
        { "PQsendQueryPrepared", (void **)&api.send },
        { "PQconsumeInput", (void **)&api.consume },
        { "PQisBusy", (void **)&api.is_busy },
        { "PQgetResult", (void **)&api.result },
        { "PQresultStatus", (void **)&api.result_status },
        { "PQntuples", (void **)&api.rows },
        { "PQnfields", (void **)&api.columns },
        { "PQgetisnull", (void **)&api.is_null },
        { "PQgetvalue", (void **)&api.value },
        { "PQclear", (void **)&api.clear },
    };

    api.is_whole = symbols_find(wanted, sizeof(wanted) / sizeof(*wanted));
}

int pgsql_socket(void *connection)
{
    return api.is_whole ? api.socket(connection) : -1;
}

/* -- waiting --------------------------------------------------------------- */

/* Until there is something to read. */
static pgsql_result_t wait_until(void *connection, apr_time_t deadline)
{
    struct pollfd wire = { .fd = api.socket(connection), .events = POLLIN };
    int ready;

    do {
        apr_interval_time_t rest = deadline ? deadline - apr_time_now() : 0;

        if (rest < 0)
            return PGSQL_PENDING;
        ready = poll(&wire, 1, deadline ? (int)(rest / 1000) + 1 : -1);
    } while (ready == 0 || (ready < 0 && errno == EINTR));
    return ready > 0 ? PGSQL_DONE : PGSQL_FAILED;
}

/* The next result, NULL after the last. */
static pgsql_result_t next(void *connection, apr_time_t deadline, void **result)
{
    while (api.is_busy(connection)) {
        pgsql_result_t waited = wait_until(connection, deadline);

        if (waited != PGSQL_DONE)
            return waited;
        if (!api.consume(connection))
            return PGSQL_FAILED;
    }
    *result = api.result(connection);
    return PGSQL_DONE;
}

/* All of them, up to the end of the query. The first is what it found, *result,
 * and of use if it is of that kind, as long as nothing follows. */
static pgsql_result_t collect(void *connection, apr_time_t deadline, int kind,
                              void **result)
{
    pgsql_result_t waited;
    void *each = NULL;
    int good = 0, count = 0;

    *result = NULL;
    while ((waited = next(connection, deadline, &each)) == PGSQL_DONE && each) {
        good = ++count == 1 && api.result_status(each) == kind;
        if (good)
            *result = each;
        else
            api.clear(each);
    }
    if (waited == PGSQL_DONE && good)
        return PGSQL_DONE;
    if (*result)
        api.clear(*result);
    return waited == PGSQL_PENDING ? PGSQL_PENDING : PGSQL_FAILED;
}

/* -- statements ------------------------------------------------------------ */

pgsql_result_t pgsql_prepare(void *connection, apr_pool_t *pool,
                             const char *name, const char *sql)
{
    pgsql_result_t done;
    void *result;

    if (!api.is_whole
        || !api.send_prepare(connection, name, placeholder_number(pool, sql), 0,
                             NULL))
        return PGSQL_FAILED;
    done = collect(connection, 0, PGRES_COMMAND_OK, &result);
    if (done == PGSQL_DONE)
        api.clear(result);
    return done;
}

static const char *const *copy_row(const void *result, apr_pool_t *pool,
                                   int row, int columns)
{
    const char **texts = apr_palloc(pool, (apr_size_t)columns * sizeof(*texts));
    int i;

    for (i = 0; i < columns; i++)
        texts[i] = api.is_null(result, row, i)
            ? NULL
            : apr_pstrdup(pool, api.value(result, row, i));
    return texts;
}

static void copy_rows(const void *result, apr_pool_t *pool, db_rows_t *rows)
{
    const char *const **copy;
    int i;

    rows->count = api.rows(result);
    copy = apr_palloc(pool, (apr_size_t)(rows->count + 1) * sizeof(*copy));
    for (i = 0; i < rows->count; i++)
        copy[i] = copy_row(result, pool, i, rows->columns);
    rows->rows = copy;
}

pgsql_result_t pgsql_run(void *connection, apr_pool_t *pool, const char *name,
                         const db_query_t *query, apr_time_t deadline,
                         db_rows_t *rows)
{
    pgsql_result_t done;
    void *result;

    if (!api.is_whole
        || !api.send(connection, name, query->count, query->arguments, NULL,
                     NULL, 0))
        return PGSQL_FAILED;
    done = collect(connection, deadline, PGRES_TUPLES_OK, &result);
    if (done != PGSQL_DONE)
        return done;
    if (api.columns(result) == rows->columns)
        copy_rows(result, pool, rows);
    else
        done = PGSQL_FAILED;
    api.clear(result);
    return done;
}

int pgsql_finish(void *connection)
{
    pgsql_result_t waited;
    void *result = NULL;

    while ((waited = next(connection, 0, &result)) == PGSQL_DONE && result)
        api.clear(result);
    return waited == PGSQL_DONE && api.status(connection) == CONNECTION_OK;
}
