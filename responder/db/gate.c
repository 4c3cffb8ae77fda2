/* SPDX-License-Identifier: Apache-2.0 */
#include "db/gate.h"

#include <pthread.h>
#include <signal.h>

#include "apr_allocator.h"
#include "apr_thread_cond.h"
#include "apr_thread_mutex.h"
#include "apr_thread_proc.h"

/* How long nobody tries after the database was found away; then one may. */
#define REST apr_time_from_msec(500)

/* How long that one keeps its caller waiting, where threads are the gate's own:
 * the thread goes on, and tells when the database answers after all. */
#define PROBE apr_time_from_msec(300)

/* How long others wait while nobody gets in or out. Those inside are stuck
 * then, and a server's threads are not for queueing up behind them. */
#define STALL apr_time_from_msec(250)

/* What a pool keeps of its memory for the next job: more than a status takes,
 * less than a list of many CAs. */
#define SPARE_MAX (128 * 1024) /* octets */

typedef struct lane_t lane_t;
typedef struct spare_t spare_t;

/* Guarded by mutex, but for the spares. Never destroyed, as threads may hang in
 * it. */
struct gate_t {
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *left;      /* somebody got out, or away has changed */
    int limit;
    int inside;                   /* pieces of work under way */
    int threads;
    int closed;
    int away;                     /* the last work found the database away */
    int trying;                   /* … and one is finding out again */
    apr_time_t rest_until;        /* when the next may try */
    apr_time_t moved_at;          /* when somebody last got in or out */
    lane_t *idle;                 /* a stack */
    apr_thread_mutex_t *spares_mutex;
    spare_t *spares;              /* a stack */
};

/* A job's pool that is cleared, in itself. To make one takes a system call. */
struct spare_t {
    apr_pool_t *pool;
    spare_t *next;
};

/* A thread of the gate's, and the work it does now. Guarded by gate->mutex. */
struct lane_t {
    gate_t *gate;
    lane_t *next;                 /* in gate->idle */
    apr_thread_cond_t *wake;      /* there is work, or it is done */
    gate_work_t work;             /* NULL: none */
    void *job;
    apr_pool_t *job_pool;
    int done;
    int abandoned;                /* nobody waits for it any more */
};

static apr_pool_t *new_pool(void)
{
    apr_pool_t *pool = NULL;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) == APR_SUCCESS)
        apr_allocator_max_free_set(apr_pool_allocator_get(pool), SPARE_MAX);
    return pool;
}

apr_pool_t *gate_job_pool(gate_t *gate)
{
    spare_t *spare;

    apr_thread_mutex_lock(gate->spares_mutex);
    spare = gate->spares;
    if (spare)
        gate->spares = spare->next;
    apr_thread_mutex_unlock(gate->spares_mutex);
    return spare ? spare->pool : new_pool();
}

void gate_done(gate_t *gate, apr_pool_t *job_pool)
{
    spare_t *spare;

    apr_pool_clear(job_pool);
    spare = apr_palloc(job_pool, sizeof(*spare));
    spare->pool = job_pool;
    apr_thread_mutex_lock(gate->spares_mutex);
    spare->next = gate->spares;
    gate->spares = spare;
    apr_thread_mutex_unlock(gate->spares_mutex);
}

gate_t *gate_create(int limit, int threads)
{
    apr_pool_t *pool = new_pool();
    gate_t *gate = pool ? apr_pcalloc(pool, sizeof(*gate)) : NULL;

    if (!gate
        || apr_thread_mutex_create(&gate->mutex, APR_THREAD_MUTEX_DEFAULT, pool)
        || apr_thread_mutex_create(&gate->spares_mutex,
                                   APR_THREAD_MUTEX_DEFAULT, pool)
        || apr_thread_cond_create(&gate->left, pool))
        return NULL;
    gate->pool = pool;
    gate->limit = limit > 0 ? limit : 1;
    gate->threads = threads;
    return gate;
}

/* -- who gets in ----------------------------------------------------------- */

/* Whether the database is known to be away. Lets one through to find out. */
static int is_away(gate_t *gate)
{
    apr_time_t now = apr_time_now();

    if (!gate->away)
        return 0;
    /* A clock that was set back makes no rest longer. */
    return gate->trying
        || (now < gate->rest_until && now >= gate->rest_until - REST);
}

static void get_in(gate_t *gate)
{
    gate->inside++;
    gate->trying = gate->away;
    gate->moved_at = apr_time_now();
}

static int enter(gate_t *gate, apr_time_t deadline)
{
    while (!gate->closed && !is_away(gate)) {
        apr_time_t until = gate->moved_at + STALL;
        apr_interval_time_t patience;

        if (gate->inside < gate->limit) {
            get_in(gate);
            return 1;
        }
        patience = (until < deadline ? until : deadline) - apr_time_now();
        if (patience <= 0)
            return 0;
        apr_thread_cond_timedwait(gate->left, gate->mutex, patience);
    }
    return 0;
}

static void note_health(gate_t *gate, int healthy)
{
    gate->trying = 0;
    gate->away = !healthy;
    if (gate->away)
        gate->rest_until = apr_time_now() + REST;
}

static void leave(gate_t *gate)
{
    gate->inside--;
    gate->moved_at = apr_time_now();
    if (gate->away)
        apr_thread_cond_broadcast(gate->left);
    else
        apr_thread_cond_signal(gate->left);
}

/* -- threads of the gate's own --------------------------------------------- */

/* The work of a lane is done. Called and returns with the mutex held. */
static void finish(lane_t *lane, int healthy)
{
    gate_t *gate = lane->gate;

    /* Late work says that the database is back, never that it is away. */
    if (healthy || !lane->abandoned)
        note_health(gate, healthy);
    lane->work = NULL;
    lane->done = 1;
    leave(gate);
    if (!lane->abandoned) {
        apr_thread_cond_signal(lane->wake);
        return;
    }
    apr_pool_destroy(lane->job_pool);
    lane->next = gate->idle;
    gate->idle = lane;
}

static void *APR_THREAD_FUNC lane_main(apr_thread_t *thread, void *data)
{
    lane_t *lane = data;
    sigset_t all;

    (void)thread;
    /* Signals are for the process's own threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    apr_thread_mutex_lock(lane->gate->mutex);
    for (;;) {
        int healthy;

        while (!lane->work)
            apr_thread_cond_wait(lane->wake, lane->gate->mutex);
        apr_thread_mutex_unlock(lane->gate->mutex);
        healthy = lane->work(lane->job);
        apr_thread_mutex_lock(lane->gate->mutex);
        finish(lane, healthy);
    }
    return NULL;
}

static lane_t *new_lane(gate_t *gate)
{
    lane_t *lane = apr_pcalloc(gate->pool, sizeof(*lane));
    apr_threadattr_t *attributes;
    apr_thread_t *thread;

    lane->gate = gate;
    if (apr_thread_cond_create(&lane->wake, gate->pool)
        || apr_threadattr_create(&attributes, gate->pool)
        || apr_threadattr_detach_set(attributes, 1)
        || apr_thread_create(&thread, attributes, lane_main, lane, gate->pool))
        return NULL;
    return lane;
}

static lane_t *take_lane(gate_t *gate)
{
    lane_t *lane = gate->idle;

    if (!lane)
        return new_lane(gate);
    gate->idle = lane->next;
    return lane;
}

static lane_t *begin(gate_t *gate, gate_work_t work, void *job,
                     apr_pool_t *job_pool)
{
    lane_t *lane = take_lane(gate);

    if (!lane) {
        note_health(gate, 0);
        leave(gate);
        apr_pool_destroy(job_pool);
        return NULL;
    }
    lane->job = job;
    lane->job_pool = job_pool;
    lane->done = lane->abandoned = 0;
    lane->work = work;
    apr_thread_cond_signal(lane->wake);
    return lane;
}

static void abandon(lane_t *lane)
{
    lane->abandoned = 1;
    note_health(lane->gate, 0);
}

static int run_in_lane(gate_t *gate, gate_work_t work, void *job,
                       apr_pool_t *job_pool, apr_time_t deadline)
{
    lane_t *lane = begin(gate, work, job, job_pool);
    apr_interval_time_t patience;

    if (!lane)
        return 0;
    if (gate->trying && deadline > apr_time_now() + PROBE)
        deadline = apr_time_now() + PROBE;
    while (!lane->done && (patience = deadline - apr_time_now()) > 0)
        apr_thread_cond_timedwait(lane->wake, gate->mutex, patience);
    if (!lane->done) {
        abandon(lane);
        return 0;
    }
    lane->next = gate->idle;
    gate->idle = lane;
    return 1;
}

/* -- who does it, with the mutex held before and after --------------------- */

static int run_here(gate_t *gate, gate_work_t work, void *job)
{
    int healthy;

    apr_thread_mutex_unlock(gate->mutex);
    healthy = work(job);
    apr_thread_mutex_lock(gate->mutex);
    note_health(gate, healthy);
    leave(gate);
    return 1;
}

static gate_tried_t run_try(gate_t *gate, gate_try_t try, void *job)
{
    int inside = gate->inside;
    gate_tried_t tried;

    /* Whether it is still away is for a thread to find out that can wait. */
    if (!try || gate->trying)
        return GATE_UNDONE;
    apr_thread_mutex_unlock(gate->mutex);
    tried = try(job, inside);
    apr_thread_mutex_lock(gate->mutex);
    if (tried == GATE_DONE) {
        note_health(gate, 1);
        leave(gate);
    }
    return tried;
}

static int run_with_threads(gate_t *gate, gate_try_t try, gate_work_t work,
                            void *job, apr_pool_t *job_pool,
                            apr_time_t deadline)
{
    lane_t *lane;

    switch (run_try(gate, try, job)) {
    case GATE_DONE:
        return 1;
    case GATE_PENDING:
        lane = begin(gate, work, job, job_pool);
        if (lane)
            abandon(lane);
        return 0;
    default:
        return run_in_lane(gate, work, job, job_pool, deadline);
    }
}

int gate_run(gate_t *gate, gate_try_t try, gate_work_t work, void *job,
             apr_pool_t *job_pool, apr_time_t deadline)
{
    int done = 0;

    apr_thread_mutex_lock(gate->mutex);
    if (!enter(gate, deadline))
        apr_pool_destroy(job_pool);
    else if (gate->threads)
        done = run_with_threads(gate, try, work, job, job_pool, deadline);
    else
        done = run_here(gate, work, job);
    apr_thread_mutex_unlock(gate->mutex);
    return done;
}

int gate_close(gate_t *gate, apr_time_t deadline)
{
    apr_interval_time_t patience;
    int inside;

    apr_thread_mutex_lock(gate->mutex);
    gate->closed = 1;
    while (gate->inside && (patience = deadline - apr_time_now()) > 0)
        apr_thread_cond_timedwait(gate->left, gate->mutex, patience);
    inside = gate->inside;
    apr_thread_mutex_unlock(gate->mutex);
    return inside == 0;
}
