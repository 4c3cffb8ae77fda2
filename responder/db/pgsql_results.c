/* SPDX-License-Identifier: Apache-2.0 */
#include "db/pgsql_results.h"

#include <string.h>

#include "apr_lib.h"
#include "apr_strings.h"

#include "db/libpq.h"

const char *pgsql_results_error(apr_pool_t *pool, const void *connection)
{
    const char *text = libpq.error(connection);
    apr_size_t length = strlen(text);

    while (length > 0 && apr_isspace(text[length - 1]))
        length--;
    return length ? apr_pstrmemdup(pool, text, length) : "it does not answer";
}

driver_result_t pgsql_results_next(void *connection, apr_time_t deadline,
                                   void **result)
{
    *result = NULL;
    while (libpq.is_busy(connection)) {
        driver_result_t waited =
            driver_wait(libpq.socket(connection), deadline);

        if (waited != DRIVER_DONE)
            return waited;
        if (!libpq.consume(connection))
            return DRIVER_LOST;
    }
    *result = libpq.result(connection);
    return DRIVER_DONE;
}

/* The last result of a query that is of a kind. */
typedef struct {
    int kind;
    void *result;          /* NULL: none */
    int is_fatal;          /* the session has ended */
    driver_result_t error; /* what the last error comes to, if there is one */
} outcome_t;

static void take_result(outcome_t *outcome, db_run_t *run, void *result)
{
    const char *severity = libpq.result_field(result, PG_DIAG_SEVERITY);
    const char *state = libpq.result_field(result, PG_DIAG_SQLSTATE);

    if (libpq.result_status(result) == outcome->kind) {
        libpq.clear(outcome->result);
        outcome->result = result;
        return;
    }
    if (severity)
        run->why = apr_pstrcat(
            run->pool, "the query failed (PostgreSQL): ", severity, ": ",
            libpq.result_field(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
    outcome->is_fatal |= severity && strcmp(severity, "ERROR") != 0;
    outcome->error = DRIVER_REFUSED;
    if (libpq_is_about_server(state))
        outcome->error = DRIVER_UNABLE;
    /* By statement_timeout, by lock_timeout. */
    else if (state
             && (strcmp(state, "57014") == 0 || strcmp(state, "55P03") == 0))
        outcome->error = DRIVER_SLOW;
    libpq.clear(result);
}

/* Why there is no result, where no error of the query's says so. */
static const char *say_missing(apr_pool_t *pool, const void *connection,
                               driver_result_t waited)
{
    if (waited == DRIVER_LATE)
        return "the database (PostgreSQL) did not answer in time";
    return apr_pstrcat(pool, "the connection (PostgreSQL) is lost: ",
                       pgsql_results_error(pool, connection), NULL);
}

driver_result_t pgsql_results_collect(void *connection, db_run_t *run, int sent,
                                      int kind, void **result)
{
    outcome_t outcome = { .kind = kind };
    driver_result_t waited = DRIVER_LOST;
    void *each;

    run->why = NULL;
    *result = NULL;
    while (sent
           && (waited = pgsql_results_next(connection, run->deadline, &each))
               == DRIVER_DONE
           && each)
        take_result(&outcome, run, each);
    if (waited == DRIVER_DONE
        && (outcome.is_fatal || libpq.status(connection) != CONNECTION_OK))
        waited = DRIVER_LOST;
    if (waited == DRIVER_DONE && outcome.result && !run->why) {
        *result = outcome.result;
        return DRIVER_DONE;
    }
    libpq.clear(outcome.result);
    if (!run->why)
        run->why = say_missing(run->pool, connection, waited);
    return waited != DRIVER_DONE ? waited : outcome.error;
}

static const char *pgsql_results_column(void *result, int row, int column,
                                        apr_size_t *length)
{
    *length = (apr_size_t)libpq.length(result, row, column);
    return libpq.is_null(result, row, column)
        ? NULL
        : libpq.value(result, row, column);
}

driver_result_t pgsql_results_copy(void *result, db_run_t *run)
{
    apr_array_header_t *list = result_begin(run->pool);
    int count = libpq.rows(result), i;

    if (libpq.columns(result) != run->query->columns) {
        run->why = "the result of the query has another number of columns";
        return DRIVER_REFUSED;
    }
    for (i = 0; i < count; i++)
        result_add(list, run->query->columns, pgsql_results_column, result, i);
    run->rows = result_rows(list, run->query->columns);
    return DRIVER_DONE;
}
