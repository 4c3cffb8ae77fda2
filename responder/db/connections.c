/* SPDX-License-Identifier: Apache-2.0 */
#include "db/connections.h"

#include "apr_strings.h"
#include "apr_thread_cond.h"
#include "apr_thread_mutex.h"

#include "base/intervals.h"
#include "base/snapshot.h"
#include "db/executor.h"

#define WHY_MAX 400 /* bytes */

struct connection_t {
    apr_pool_t *pool; /* its own, in which it is itself */
    void *native;     /* the driver's */
    unsigned generation;
    int is_trusted; /* when it was taken, its generation was the newest */
    int rested;     /* … and it had been idle for long */
    apr_time_t idle_since;
};

struct connections_t {
    const driver_t *driver;
    database_settings_t settings;
    breaker_t *breaker;
    executor_t *executor;      /* makes them; NULL: who needs one makes it */
    apr_thread_mutex_t *mutex; /* guards all below */
    apr_thread_cond_t *changed;
    int count;   /* that exist or are being made */
    int opening; /* … of which are being made */
    int waiting; /* callers */
    int closed;
    unsigned generation; /* one of an older generation is not trusted */
    apr_time_t moved_at; /* when one was last taken or given back */
    unsigned failures;   /* to make one */
    char why[WHY_MAX];   /* the last of them failed */
    connection_t **idle; /* oldest first */
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
    connections->idle = apr_pcalloc(
        pool, (apr_size_t)settings->max * sizeof(*connections->idle));
    /* A thread may not have ended the work before the next is begun. */
    if (!driver->is_file)
        connections->executor = executor_create(2 * settings->max);
    return (driver->is_file || connections->executor)
            && !apr_thread_mutex_create(&connections->mutex,
                                        APR_THREAD_MUTEX_DEFAULT, pool)
            && !apr_thread_cond_create(&connections->changed, pool)
        ? connections
        : NULL;
}

/* -- those that are idle; with the mutex held ------------------------------ */

static void connections_push(connections_t *connections,
                             connection_t *connection)
{
    connection->idle_since = apr_time_now();
    connections->idle[connections->idle_count++] = connection;
}

/* The one that was of use last. */
static connection_t *pop(connections_t *connections)
{
    connection_t *last = connections->idle[--connections->idle_count];

    connections->moved_at = apr_time_now();
    last->is_trusted = last->generation == connections->generation;
    last->rested = connections->executor
        && connections->moved_at - last->idle_since > INTERVALS_RESTED;
    return last;
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
            || apr_time_now() - oldest->idle_since
                < apr_time_from_sec(settings->expires)))
        return NULL;
    connections->idle_count--;
    for (i = 0; i < connections->idle_count; i++)
        connections->idle[i] = connections->idle[i + 1];
    return oldest;
}

/* -- to make and to end them ----------------------------------------------- */

static void connections_end(const connections_t *connections,
                            connection_t *connection)
{
    connections->driver->close(connection->native);
    apr_pool_destroy(connection->pool);
}

static void connections_forget(connections_t *connections,
                               connection_t *connection)
{
    connections_end(connections, connection);
    apr_thread_mutex_lock(connections->mutex);
    connections->count--;
    apr_thread_cond_signal(connections->changed);
    apr_thread_mutex_unlock(connections->mutex);
}

/* NULL with *why in pool. */
static connection_t *connections_make(const connections_t *connections,
                                      apr_pool_t *pool, const char **why)
{
    const database_settings_t *settings = &connections->settings;
    connection_t *connection;
    apr_pool_t *own = snapshot_pool();

    *why = "out of memory";
    if (!own)
        return NULL;
    connection = apr_pcalloc(own, sizeof(*connection));
    connection->pool = own;
    connection->native = connections->driver->open(own, settings->params,
                                                   settings->commands, why);
    if (connection->native)
        return connection;
    *why = apr_pstrdup(pool, *why);
    apr_pool_destroy(own);
    return NULL;
}

/* With the mutex held. */
static void connections_note_failure(connections_t *connections,
                                     const char *why)
{
    connections->count--;
    connections->failures++;
    apr_cpystrn(connections->why, why, WHY_MAX);
    apr_thread_cond_broadcast(connections->changed);
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
    connection_t *made = connections_make(connections, opening->pool, &why);

    if (made)
        breaker_encourage(connections->breaker);
    apr_thread_mutex_lock(connections->mutex);
    connections->opening--;
    if (made) {
        made->generation = opening->generation;
        connections->moved_at = apr_time_now();
        connections_push(connections, made);
        apr_thread_cond_signal(connections->changed);
    }
    else
        connections_note_failure(connections, why);
    apr_thread_mutex_unlock(connections->mutex);
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
                                    apr_pool_t *pool, const char **why)
{
    if (connections->count > connections->opening) {
        *why = apr_psprintf(pool,
                            "all connections to the database (DBDMax %d) are "
                            "in use",
                            connections->settings.max);
        return CONNECTIONS_BUSY;
    }
    *why = "connecting to the database takes too long";
    return CONNECTIONS_NONE;
}

/* One that is idle; or a NULL one, which the caller is to make. */
static connections_result_t connections_claim(
    connections_t *connections, apr_pool_t *pool, apr_time_t deadline,
    connection_t **connection, const char **why)
{
    unsigned failures = connections->failures;

    for (*connection = NULL; !connections->closed;) {
        apr_interval_time_t patience;
        int has_room = connections->count < connections->settings.max;

        if (connections->idle_count) {
            *connection = pop(connections);
            return CONNECTIONS_GOT;
        }
        if (has_room && !connections->executor) {
            connections->count++;
            return CONNECTIONS_GOT;
        }
        if (connections->failures != failures && !connections->opening) {
            *why = apr_pstrdup(pool, connections->why);
            return CONNECTIONS_NONE;
        }
        if (has_room && connections->opening <= connections->waiting)
            begin_to_open(connections);
        patience =
            connections_patience_of(connections, deadline) - apr_time_now();
        if (patience <= 0)
            return give_up(connections, pool, why);
        connections->waiting++;
        apr_thread_cond_timedwait(connections->changed, connections->mutex,
                                  patience);
        connections->waiting--;
    }
    *why = "the process ends";
    return CONNECTIONS_BUSY;
}

/* For the caller that is to make it. */
static connections_result_t make_here(connections_t *connections,
                                      apr_pool_t *pool,
                                      connection_t **connection,
                                      const char **why)
{
    *connection = connections_make(connections, pool, why);
    if (*connection)
        return CONNECTIONS_GOT;
    apr_thread_mutex_lock(connections->mutex);
    connections_note_failure(connections, *why);
    apr_thread_mutex_unlock(connections->mutex);
    return CONNECTIONS_NONE;
}

/* One to a server that was of use a moment ago needs no look. */
static int is_usable(const connections_t *connections,
                     const connection_t *connection)
{
    const driver_t *driver = connections->driver;

    return connection->is_trusted
        && (!driver->is_current || driver->is_current(connection->native))
        && ((connections->executor
             && apr_time_now() - connection->idle_since < INTERVALS_FRESH)
            || driver->is_usable(connection->native));
}

connections_result_t connections_take(connections_t *connections,
                                      apr_pool_t *pool, apr_time_t deadline,
                                      connection_t **connection,
                                      const char **why)
{
    for (;;) {
        connections_result_t result;

        apr_thread_mutex_lock(connections->mutex);
        result =
            connections_claim(connections, pool, deadline, connection, why);
        apr_thread_mutex_unlock(connections->mutex);
        if (result != CONNECTIONS_GOT)
            return result;
        if (!*connection)
            return make_here(connections, pool, connection, why);
        if (is_usable(connections, *connection))
            return result;
        connections_forget(connections, *connection);
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
    apr_thread_mutex_lock(connections->mutex);
    connections->generation++;
    if (!connections->closed && !connections->opening
        && connections->count < connections->settings.max)
        begin_to_open(connections);
    apr_thread_mutex_unlock(connections->mutex);
}

static void forget_surplus(connections_t *connections)
{
    connection_t *each;

    do {
        apr_thread_mutex_lock(connections->mutex);
        each = pop_surplus(connections);
        apr_thread_mutex_unlock(connections->mutex);
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
    apr_thread_mutex_lock(connections->mutex);
    connections->moved_at = apr_time_now();
    connections_push(connections, connection);
    apr_thread_cond_signal(connections->changed);
    apr_thread_mutex_unlock(connections->mutex);
    forget_surplus(connections);
}

int connections_count(connections_t *connections)
{
    int count;

    apr_thread_mutex_lock(connections->mutex);
    count = connections->count - connections->opening;
    apr_thread_mutex_unlock(connections->mutex);
    return count;
}

int connections_close(connections_t *connections, apr_time_t deadline)
{
    apr_thread_mutex_lock(connections->mutex);
    connections->closed = 1;
    apr_thread_cond_broadcast(connections->changed);
    apr_thread_mutex_unlock(connections->mutex);
    if (connections->executor
        && !executor_close(connections->executor, deadline))
        return 0;
    forget_surplus(connections);
    return connections_count(connections) == 0;
}
