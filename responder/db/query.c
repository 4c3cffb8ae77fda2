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
    slow_query_t *place;     /* NULL: it is not known as slow */
    breaker_pass_t pass;
    db_run_t run;
} task_t;

static apr_time_t query_earlier(apr_time_t one, apr_time_t other)
{
    return one < other ? one : other;
}

/* Whether one that is late tells nothing of the database: it was slow before,
 * or others have been answered in the second half of its time, as what freezes
 * may have answered just after it began. */
static int is_slow(const task_t *task)
{
    return (task->place && !task->pass.is_trial)
        || connections_answered_lately(task->database->connections,
                                       (task->run.deadline - task->began_at)
                                           / 2);
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
    else if (result == DRIVER_LATE && is_slow(task))
        result = DRIVER_SLOW;
    task->run.deadline = deadline;
    return result;
}

static connections_result_t query_take_one(task_t *task,
                                           connection_t **connection)
{
    return connections_take(task->database->connections, task->run.pool,
                            task->connected_by, connection, &task->run.why);
}

/* A file may not be opened because of idle connections of another server's. */
static connections_result_t query_take(task_t *task, connection_t **connection)
{
    connections_result_t taken = query_take_one(task, connection);

    if (taken != CONNECTIONS_NONE || !task->database->file)
        return taken;
    database_sweep_file(task->database, task->run.pool);
    return query_take_one(task, connection);
}

/* On the connections that are there, until one does not die of it. */
static connections_result_t query_try(task_t *task, driver_result_t *result)
{
    connections_result_t taken = CONNECTIONS_NONE;
    connection_t *connection;
    int tries;

    for (tries = 0; tries < TRIES; tries++) {
        taken = query_take(task, &connection);
        if (taken != CONNECTIONS_GOT)
            return taken;
        *result = query_on(task, connection);
        if (*result != DRIVER_LOST)
            break;
    }
    return taken;
}

/* Refused is an answer too, and so are unable and slow: other tables of the
 * same database may be well, and other queries quick. */
static query_result_t query_tell(const task_t *task, connections_result_t taken,
                                 driver_result_t result)
{
    breaker_t *breaker = task->database->breaker;
    const breaker_pass_t pass = task->pass;

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
    if (result == DRIVER_SLOW || result == DRIVER_UNABLE)
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

/* Through the breaker. */
static query_result_t query_enter(task_t *task)
{
    const apr_time_t now = apr_time_now();
    driver_result_t result = DRIVER_LOST;
    connections_result_t taken;

    task->pass = breaker_enter(task->database->breaker, now);
    if (!task->pass.may_enter) {
        task->run.why = query_refusal(task->database, task->run.pool);
        return QUERY_LATE;
    }
    if (task->pass.is_trial) {
        task->connected_by =
            query_earlier(task->connected_by, now + INTERVALS_TRIAL_CONNECTION);
        task->run.deadline =
            query_earlier(task->run.deadline, now + INTERVALS_TRIAL);
    }
    taken = query_try(task, &result);
    if (result == DRIVER_SLOW
        || (result == DRIVER_LATE && !task->database->driver->is_file))
        slow_queries_add(task->database->slow, task->run.query->text);
    return query_tell(task, taken, result);
}

/* As one of those that are slow, if it is. */
static query_result_t query_run_task(task_t *task)
{
    slow_queries_t *slow = task->database->slow;
    const apr_time_t deadline = task->run.deadline;
    query_result_t result;

    task->run.why = "a query that was too slow lately is under way for others";
    if (!slow_queries_enter(slow, task->run.query->text, deadline,
                            &task->place))
        return QUERY_LATE;
    result = query_enter(task);
    if (task->place)
        slow_queries_leave(slow, task->place,
                           result == QUERY_OK
                               && apr_time_now() - task->began_at
                                   < (deadline - task->began_at) / 2);
    return result;
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
    query_result_t result;

    *why = "there is no database, or no library behind its DBDriver";
    if (!task.database)
        return QUERY_UNAVAILABLE;
    if (APLOG_IS_LEVEL(server, APLOG_TRACE4))
        ap_log_error(APLOG_MARK, APLOG_TRACE4, 0, server, "asks: %s",
                     placeholder_fill(pool, query, NULL, NULL));
    result = query_run_task(&task);
    *rows = task.run.rows;
    *why = task.run.why;
    return result;
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
