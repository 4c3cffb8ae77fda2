/* SPDX-License-Identifier: Apache-2.0 */
#include "db/connections.h"

#include "apr_strings.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/snapshot.h"
#include "base/waiting.h"
#include "db/connection.h"
#include "db/executor.h"

#define WHY_MAX 400 /* bytes */

/* Who is to get one. */
typedef struct {
    apr_pool_t *pool;
    apr_time_t deadline;
    waiter_t waiter;
    connection_t *connection; /* NULL: none yet, or it is to make one */
    const char *why;          /* it gets none */
} caller_t;

struct connections_t {
    const driver_t *driver;
    database_settings_t settings;
    breaker_t *breaker;
    executor_t *executor;  /* makes them; NULL: who needs one makes it */
    pthread_mutex_t mutex; /* guards all below */
    waiting_t waiting;     /* while anybody does, none is idle */
    int count;             /* that exist or are being made */
    int opening;           /* … of which are being made */
    int closed;
    unsigned generation;    /* one of an older generation is not trusted */
    apr_time_t moved_at;    /* when one was last taken or given back, … */
    apr_time_t answered_at; /* … with an answer, or made; 0: never */
    unsigned failures;      /* to make one */
    char why[WHY_MAX];      /* the last of them failed */
    connection_t **idle;    /* oldest first */
    int idle_count;
};

connections_t *connections_create(apr_pool_t *pool, const driver_t *driver,
                                  const database_settings_t *settings,
                                  breaker_t *breaker)
{
    connections_t *connections = apr_pcalloc(pool, sizeof(*connections));

    connections->driver = driver;
    connections->settings = *settings;
    connections->breaker = breaker;
    waiting_init(&connections->waiting);
    connections->idle = apr_pcalloc(
        pool, (apr_size_t)settings->max * sizeof(*connections->idle));
    /* A thread may not have ended the work before the next is begun. */
    if (!driver->is_file)
        connections->executor = executor_create(2 * settings->max);
    pthread_mutex_init(&connections->mutex, NULL);
    return driver->is_file || connections->executor ? connections : NULL;
}

/* -- those that are idle, and who waits; with the mutex held --------------- */

/* The one that was of use last. */
static connection_t *pop(connections_t *connections)
{
    connection_t *last = connections->idle[--connections->idle_count];

    connections->moved_at = apr_time_now();
    last->is_trusted = last->generation == connections->generation;
    last->rested = connections->executor
        && !deadline_is_recent(last->idle_since, INTERVALS_RESTED,
                               connections->moved_at);
    return last;
}

static void connections_push(connections_t *connections,
                             connection_t *connection)
{
    connection->idle_since = apr_time_now();
    connections->idle[connections->idle_count++] = connection;
    if (connections->waiting.count)
        waiting_grant(&connections->waiting, pop(connections));
}

/* The oldest, if it is not to be kept; else NULL. */
static connection_t *pop_surplus(connections_t *connections)
{
    const database_settings_t *settings = &connections->settings;
    connection_t *oldest = connections->idle[0];
    int i;

    if (!connections->idle_count)
        return NULL;
    if (!connections->closed && settings->is_persistent
        && (connections->idle_count <= settings->keep || settings->expires == 0
            || deadline_is_recent(oldest->idle_since,
                                  apr_time_from_sec(settings->expires),
                                  apr_time_now())))
        return NULL;
    connections->idle_count--;
    for (i = 0; i < connections->idle_count; i++)
        connections->idle[i] = connections->idle[i + 1];
    return oldest;
}

/* -- to make and to end them ----------------------------------------------- */

static void connections_forget(connections_t *connections,
                               connection_t *connection)
{
    connection_end(connections->driver, connection);
    pthread_mutex_lock(&connections->mutex);
    connections->count--;
    waiting_wake(&connections->waiting);
    pthread_mutex_unlock(&connections->mutex);
}

/* With the mutex held. */
static void connections_note_failure(connections_t *connections,
                                     const char *why)
{
    connections->count--;
    connections->failures++;
    apr_cpystrn(connections->why, why, WHY_MAX);
    waiting_wake(&connections->waiting);
}

typedef struct {
    connections_t *connections;
    apr_pool_t *pool;
    unsigned generation;
} opening_t;

/* In a thread of the executor's, which nobody waits for. */
static void open_one(void *job)
{
    const opening_t *opening = job;
    connections_t *connections = opening->connections;
    const char *why = NULL;
    connection_t *made = connection_make(
        connections->driver, &connections->settings, opening->pool, &why);

    if (made)
        breaker_encourage(connections->breaker);
    pthread_mutex_lock(&connections->mutex);
    connections->opening--;
    if (made) {
        made->generation = opening->generation;
        connections->moved_at = connections->answered_at = apr_time_now();
        connections_push(connections, made);
    }
    else
        connections_note_failure(connections, why);
    pthread_mutex_unlock(&connections->mutex);
}

/* Has one made, and does not wait for it. With the mutex held, as there is
 * always a thread for it, and nothing in that can block. */
static void begin_to_open(connections_t *connections)
{
    apr_pool_t *pool = snapshot_pool();
    opening_t *opening = pool ? apr_pcalloc(pool, sizeof(*opening)) : NULL;

    connections->count++;
    connections->opening++;
    if (opening) {
        opening->connections = connections;
        opening->pool = pool;
        opening->generation = connections->generation;
        if (executor_run(connections->executor, open_one, opening, pool, 0)
            != EXECUTOR_REFUSED)
            return;
    }
    connections->opening--;
    connections_note_failure(connections, "no thread can be made to connect");
}

/* -- to take one ----------------------------------------------------------- */

/* Until when to wait for one, of those that are being made or are in use. */
static apr_time_t connections_patience_of(const connections_t *connections,
                                          apr_time_t deadline)
{
    apr_time_t stall = connections->moved_at + INTERVALS_STALL;

    return connections->opening || stall > deadline ? deadline : stall;
}

static connections_result_t give_up(const connections_t *connections,
                                    caller_t *caller)
{
    if (connections->count > connections->opening) {
        caller->why =
            apr_psprintf(caller->pool,
                         "all connections to the database (DBDMax %d) are in "
                         "use",
                         connections->settings.max);
        return CONNECTIONS_BUSY;
    }
    caller->why = "connecting to the database takes too long";
    return CONNECTIONS_NONE;
}

/* One that is idle; or a NULL one, which the caller is to make. Whether there
 * is any. */
static int connections_get(connections_t *connections, caller_t *caller)
{
    if (connections->idle_count) {
        caller->connection = pop(connections);
        return 1;
    }
    if (connections->executor
        || connections->count >= connections->settings.max)
        return 0;
    connections->count++;
    return 1;
}

static connections_result_t connections_wait(connections_t *connections,
                                             caller_t *caller)
{
    unsigned failures = connections->failures;

    while (!connections->closed) {
        apr_time_t until;

        if (connections->failures != failures && !connections->opening) {
            caller->why = apr_pstrdup(caller->pool, connections->why);
            return CONNECTIONS_NONE;
        }
        if (connections->count < connections->settings.max
            && connections->opening < connections->waiting.count)
            begin_to_open(connections);
        until = connections_patience_of(connections, caller->deadline);
        if (deadline_left(until) <= 0)
            return give_up(connections, caller);
        waiting_sleep(&caller->waiter, &connections->mutex, until);
        caller->connection = caller->waiter.granted;
        if (caller->connection || connections_get(connections, caller))
            return CONNECTIONS_GOT;
    }
    caller->why = "the process ends";
    return CONNECTIONS_BUSY;
}

static connections_result_t connections_claim(connections_t *connections,
                                              caller_t *caller)
{
    connections_result_t result;

    if (!connections->closed && connections_get(connections, caller))
        return CONNECTIONS_GOT;
    waiting_join(&connections->waiting, &caller->waiter);
    result = connections_wait(connections, caller);
    waiting_leave(&connections->waiting, &caller->waiter);
    return result;
}

/* For the caller that is to make it. */
static connections_result_t make_here(connections_t *connections,
                                      caller_t *caller)
{
    caller->connection =
        connection_make(connections->driver, &connections->settings,
                        caller->pool, &caller->why);
    if (caller->connection)
        return CONNECTIONS_GOT;
    pthread_mutex_lock(&connections->mutex);
    connections_note_failure(connections, caller->why);
    pthread_mutex_unlock(&connections->mutex);
    return CONNECTIONS_NONE;
}

connections_result_t connections_take(connections_t *connections,
                                      apr_pool_t *pool, apr_time_t deadline,
                                      connection_t **connection,
                                      const char **why)
{
    for (;;) {
        caller_t caller = { .pool = pool, .deadline = deadline };
        connections_result_t result;

        pthread_mutex_lock(&connections->mutex);
        result = connections_claim(connections, &caller);
        pthread_mutex_unlock(&connections->mutex);
        if (result == CONNECTIONS_GOT && !caller.connection)
            result = make_here(connections, &caller);
        else if (result == CONNECTIONS_GOT
                 && !connection_is_usable(connections->driver,
                                          caller.connection)) {
            connections_forget(connections, caller.connection);
            continue;
        }
        *connection = caller.connection;
        *why = caller.why;
        return result;
    }
}

int connections_rested(const connection_t *connection)
{
    return connection->rested;
}

driver_result_t connections_run(const connections_t *connections,
                                const connection_t *connection, db_run_t *run)
{
    return connections->driver->run(connection->native, run);
}

/* The other end has gone or fallen silent: those that are idle would cost
 * others the same. A file's show by themselves whether they are of use. */
static void distrust_all(connections_t *connections)
{
    if (!connections->executor)
        return;
    pthread_mutex_lock(&connections->mutex);
    connections->generation++;
    if (!connections->closed && !connections->opening
        && connections->count < connections->settings.max)
        begin_to_open(connections);
    pthread_mutex_unlock(&connections->mutex);
}

static void forget_surplus(connections_t *connections)
{
    connection_t *each;

    do {
        pthread_mutex_lock(&connections->mutex);
        each = pop_surplus(connections);
        pthread_mutex_unlock(&connections->mutex);
        if (each)
            connections_forget(connections, each);
    } while (each);
}

void connections_give(connections_t *connections, connection_t *connection,
                      driver_result_t result)
{
    if (result == DRIVER_LOST || result == DRIVER_LATE) {
        connections_forget(connections, connection);
        distrust_all(connections);
        return;
    }
    connection->was_unable |= result == DRIVER_UNABLE;
    pthread_mutex_lock(&connections->mutex);
    connections->moved_at = connections->answered_at = apr_time_now();
    connections_push(connections, connection);
    pthread_mutex_unlock(&connections->mutex);
    forget_surplus(connections);
}

int connections_answered_lately(connections_t *connections,
                                apr_interval_time_t limit)
{
    int is_lately;

    pthread_mutex_lock(&connections->mutex);
    is_lately =
        deadline_is_recent(connections->answered_at, limit, apr_time_now());
    pthread_mutex_unlock(&connections->mutex);
    return is_lately;
}

int connections_count(connections_t *connections)
{
    int count;

    pthread_mutex_lock(&connections->mutex);
    count = connections->count - connections->opening;
    pthread_mutex_unlock(&connections->mutex);
    return count;
}

int connections_close(connections_t *connections, apr_time_t deadline)
{
    pthread_mutex_lock(&connections->mutex);
    connections->closed = 1;
    waiting_wake(&connections->waiting);
    pthread_mutex_unlock(&connections->mutex);
    if (connections->executor
        && !executor_close(connections->executor, deadline))
        return 0;
    forget_surplus(connections);
    return connections_count(connections) == 0;
}
