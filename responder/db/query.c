/* SPDX-License-Identifier: Apache-2.0 */
#include "db/query.h"

#include <stdlib.h>

#include "apr_strings.h"
#include "http_log.h"

#include "base/intervals.h"
#include "db/database.h"
#include "db/placeholder.h"

APLOG_USE_MODULE(ocsp_responder);

/* Connections on which a query is tried that is lost with each of them. */
#define TRIES 3

/* -- one query ------------------------------------------------------------- */

typedef struct {
    const database_t *database;
    apr_time_t began_at;
    apr_time_t connected_by; /* when to have a connection */
    db_run_t run;
} task_t;

static apr_time_t query_earlier(apr_time_t one, apr_time_t other)
{
    return one < other ? one : other;
}

/* Whether others have been answered while one is late: in the second half of
 * its time, as what freezes may have answered just after it began. */
static int others_are_answered(const task_t *task)
{
    return connections_answered_lately(
        task->database->connections, (task->run.deadline - task->began_at) / 2);
}

/* On one connection. What has been idle for long may have lost its other end,
 * so that another is tried while there is time. */
static driver_result_t query_on(task_t *task, connection_t *connection)
{
    connections_t *connections = task->database->connections;
    const apr_time_t deadline = task->run.deadline;
    driver_result_t result;

    if (connections_rested(connection))
        task->run.deadline =
            query_earlier(deadline, apr_time_now() + INTERVALS_DOUBT);
    result = connections_run(connections, connection, &task->run);
    connections_give(connections, connection, result);
    if (result == DRIVER_LATE && task->run.deadline < deadline)
        result = DRIVER_LOST;
    else if (result == DRIVER_LATE && others_are_answered(task))
        result = DRIVER_SLOW;
    task->run.deadline = deadline;
    return result;
}

/* On the connections that are there, until one does not die of it. */
static connections_result_t query_try(task_t *task, driver_result_t *result)
{
    connections_t *connections = task->database->connections;
    connections_result_t taken = CONNECTIONS_NONE;
    connection_t *connection;
    int tries;

    for (tries = 0; tries < TRIES; tries++) {
        taken =
            connections_take(connections, task->run.pool, task->connected_by,
                             &connection, &task->run.why);
        if (taken != CONNECTIONS_GOT)
            return taken;
        *result = query_on(task, connection);
        if (*result != DRIVER_LOST)
            break;
    }
    return taken;
}

/* Refused is an answer too, and so is slow: others of the same database may be
 * quick. */
static query_result_t query_tell(const task_t *task, breaker_pass_t pass,
                                 connections_result_t taken,
                                 driver_result_t result)
{
    breaker_t *breaker = task->database->breaker;

    if (taken == CONNECTIONS_BUSY) {
        breaker_withdraw(breaker, pass, apr_time_now());
        return QUERY_UNAVAILABLE;
    }
    if (taken == CONNECTIONS_NONE || result == DRIVER_LOST
        || result == DRIVER_LATE) {
        breaker_fail(breaker, pass, task->run.why, apr_time_now());
        return taken == CONNECTIONS_GOT && result == DRIVER_LATE
            ? QUERY_LATE
            : QUERY_UNAVAILABLE;
    }
    breaker_succeed(breaker, pass);
    if (result == DRIVER_SLOW)
        return QUERY_LATE;
    return result == DRIVER_DONE ? QUERY_OK : QUERY_REFUSED;
}

static const char *query_refusal(const database_t *database, apr_pool_t *pool)
{
    breaker_view_t view = breaker_read(database->breaker, pool);

    return apr_pstrcat(pool, "the database does not answer",
                       view.cause ? "; when it was last tried: " : "",
                       view.cause, NULL);
}

query_result_t query_run(server_rec *server, apr_pool_t *pool,
                         const db_query_t *query, apr_time_t deadline,
                         db_rows_t *rows, const char **why)
{
    const apr_time_t now = apr_time_now();
    task_t task = { .database = database_of(server),
                    .began_at = now,
                    .connected_by = INTERVALS_BEGIN_BY(now, deadline),
                    .run = {
                        .pool = pool, .query = query, .deadline = deadline } };
    driver_result_t result = DRIVER_LOST;
    connections_result_t taken;
    breaker_pass_t pass;

    *why = "there is no database, or no library behind its DBDriver";
    if (!task.database)
        return QUERY_UNAVAILABLE;
    pass = breaker_enter(task.database->breaker, now);
    if (!pass.may_enter) {
        *why = query_refusal(task.database, pool);
        return QUERY_LATE;
    }
    if (pass.is_trial) {
        task.connected_by =
            query_earlier(task.connected_by, now + INTERVALS_TRIAL_CONNECTION);
        task.run.deadline = query_earlier(deadline, now + INTERVALS_TRIAL);
    }
    if (APLOG_IS_LEVEL(server, APLOG_TRACE4))
        ap_log_error(APLOG_MARK, APLOG_TRACE4, 0, server, "asks: %s",
                     placeholder_fill(pool, query, NULL, NULL));
    taken = query_try(&task, &result);
    *rows = task.run.rows;
    *why = task.run.why;
    return query_tell(&task, pass, taken, result);
}

/* -- what a server is like ------------------------------------------------- */

query_result_t query_replica(server_rec *server, apr_pool_t *pool,
                             apr_time_t deadline, query_replica_t *replica,
                             const char **why)
{
    const database_t *database = database_of(server);
    db_query_t query = { .columns = 2 };
    query_result_t result;
    db_rows_t rows;

    replica->is_replica = 0;
    replica->lag = -1;
    if (!database || !database->driver->replica)
        return QUERY_OK;
    query.text = database->driver->replica;
    result = query_run(server, pool, &query, deadline, &rows, why);
    if (result != QUERY_OK || rows.count != 1 || !rows.rows[0][0])
        return result;
    replica->is_replica = *rows.rows[0][0] == '1';
    if (rows.rows[0][1])
        replica->lag = strtol(rows.rows[0][1], NULL, 10);
    return result;
}

int query_begins_in_transaction(server_rec *server, apr_pool_t *pool,
                                apr_time_t deadline)
{
    const database_t *database = database_of(server);
    db_query_t query = { .columns = 1 };
    const char *why;
    db_rows_t rows;

    if (!database || !database->driver->autocommit)
        return 0;
    query.text = database->driver->autocommit;
    return query_run(server, pool, &query, deadline, &rows, &why) == QUERY_OK
        && rows.count == 1 && rows.rows[0][0] && *rows.rows[0][0] == '0';
}
