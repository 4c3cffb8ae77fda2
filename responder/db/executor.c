/* SPDX-License-Identifier: Apache-2.0 */
#include "db/executor.h"

#include <pthread.h>
#include <signal.h>

#include "apr_allocator.h"
#include "apr_thread_cond.h"
#include "apr_thread_mutex.h"
#include "apr_thread_proc.h"

/* How long nobody tries after the database was found away; then one may. */
#define REST apr_time_from_msec(500)

/* How long that one keeps its caller waiting, where threads are the executor's
 * own: the thread goes on, and tells when the database answers after all. */
#define PROBE apr_time_from_msec(300)

/* How long others wait while nobody gets in or out. Those inside are stuck
 * then, and a server's threads are not for queueing up behind them. */
#define STALL apr_time_from_msec(250)

/* What a pool keeps of its memory for the next job: more than a status takes,
 * less than a list of many CAs. */
#define SPARE_MAX (128 * 1024) /* octets */

typedef struct worker_t worker_t;
typedef struct spare_t spare_t;

/* Guarded by mutex, but for the spares. Never destroyed, as threads may hang in
 * it. */
struct executor_t {
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *left; /* somebody got out, or away has changed */
    int limit;
    int inside; /* pieces of work under way */
    int threads;
    int closed;
    int away;              /* the last work found the database away */
    int trying;            /* … and one is finding out again */
    apr_time_t rest_until; /* when the next may try */
    apr_time_t moved_at;   /* when somebody last got in or out */
    worker_t *idle;        /* a stack */
    apr_thread_mutex_t *spares_mutex;
    spare_t *spares; /* a stack */
};

/* A job's pool that is cleared, in itself. To make one takes a system call. */
struct spare_t {
    apr_pool_t *pool;
    spare_t *next;
};

/* A thread of the executor's, and the work it does now. Guarded by
 * executor->mutex. */
struct worker_t {
    executor_t *executor;
    worker_t *next;          /* in executor->idle */
    apr_thread_cond_t *wake; /* there is work, or it is done */
    executor_work_t work;    /* NULL: none */
    void *job;
    apr_pool_t *job_pool;
    int done;
    int abandoned; /* nobody waits for it any more */
};

static apr_pool_t *new_pool(void)
{
    apr_pool_t *pool = NULL;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) == APR_SUCCESS)
        apr_allocator_max_free_set(apr_pool_allocator_get(pool), SPARE_MAX);
    return pool;
}

apr_pool_t *executor_job_pool(executor_t *executor)
{
    spare_t *spare;

    apr_thread_mutex_lock(executor->spares_mutex);
    spare = executor->spares;
    if (spare)
        executor->spares = spare->next;
    apr_thread_mutex_unlock(executor->spares_mutex);
    return spare ? spare->pool : new_pool();
}

void executor_done(executor_t *executor, apr_pool_t *job_pool)
{
    spare_t *spare;

    apr_pool_clear(job_pool);
    spare = apr_palloc(job_pool, sizeof(*spare));
    spare->pool = job_pool;
    apr_thread_mutex_lock(executor->spares_mutex);
    spare->next = executor->spares;
    executor->spares = spare;
    apr_thread_mutex_unlock(executor->spares_mutex);
}

executor_t *executor_create(int limit, int threads)
{
    apr_pool_t *pool = new_pool();
    executor_t *executor = pool ? apr_pcalloc(pool, sizeof(*executor)) : NULL;

    if (!executor
        || apr_thread_mutex_create(&executor->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool)
        || apr_thread_mutex_create(&executor->spares_mutex,
                                   APR_THREAD_MUTEX_DEFAULT, pool)
        || apr_thread_cond_create(&executor->left, pool))
        return NULL;
    executor->pool = pool;
    executor->limit = limit > 0 ? limit : 1;
    executor->threads = threads;
    return executor;
}

/* -- who gets in ----------------------------------------------------------- */

/* Whether the database is known to be away. Lets one through to find out. */
static int is_away(executor_t *executor)
{
    apr_time_t now = apr_time_now();

    if (!executor->away)
        return 0;
    /* A clock that was set back makes no rest longer. */
    return executor->trying
        || (now < executor->rest_until && now >= executor->rest_until - REST);
}

static void get_in(executor_t *executor)
{
    executor->inside++;
    executor->trying = executor->away;
    executor->moved_at = apr_time_now();
}

static int enter(executor_t *executor, apr_time_t deadline)
{
    while (!executor->closed && !is_away(executor)) {
        apr_time_t until = executor->moved_at + STALL;
        apr_interval_time_t patience;

        if (executor->inside < executor->limit) {
            get_in(executor);
            return 1;
        }
        patience = (until < deadline ? until : deadline) - apr_time_now();
        if (patience <= 0)
            return 0;
        apr_thread_cond_timedwait(executor->left, executor->mutex, patience);
    }
    return 0;
}

static void note_health(executor_t *executor, int healthy)
{
    executor->trying = 0;
    executor->away = !healthy;
    if (executor->away)
        executor->rest_until = apr_time_now() + REST;
}

static void leave(executor_t *executor)
{
    executor->inside--;
    executor->moved_at = apr_time_now();
    if (executor->away)
        apr_thread_cond_broadcast(executor->left);
    else
        apr_thread_cond_signal(executor->left);
}

/* -- threads of the executor's own ----------------------------------------- */

/* The work of a worker is done. Called and returns with the mutex held. */
static void finish(worker_t *worker, int healthy)
{
    executor_t *executor = worker->executor;

    /* Late work says that the database is back, never that it is away. */
    if (healthy || !worker->abandoned)
        note_health(executor, healthy);
    worker->work = NULL;
    worker->done = 1;
    leave(executor);
    if (!worker->abandoned) {
        apr_thread_cond_signal(worker->wake);
        return;
    }
    apr_pool_destroy(worker->job_pool);
    worker->next = executor->idle;
    executor->idle = worker;
}

static void *APR_THREAD_FUNC worker_main(apr_thread_t *thread, void *data)
{
    worker_t *worker = data;
    sigset_t all;

    (void)thread;
    /* Signals are for the process's own threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    apr_thread_mutex_lock(worker->executor->mutex);
    for (;;) {
        int healthy;

        while (!worker->work)
            apr_thread_cond_wait(worker->wake, worker->executor->mutex);
        apr_thread_mutex_unlock(worker->executor->mutex);
        healthy = worker->work(worker->job);
        apr_thread_mutex_lock(worker->executor->mutex);
        finish(worker, healthy);
    }
    return NULL;
}

static worker_t *new_worker(executor_t *executor)
{
    worker_t *worker = apr_pcalloc(executor->pool, sizeof(*worker));
    apr_threadattr_t *attributes;
    apr_thread_t *thread;

    worker->executor = executor;
    if (apr_thread_cond_create(&worker->wake, executor->pool)
        || apr_threadattr_create(&attributes, executor->pool)
        || apr_threadattr_detach_set(attributes, 1)
        || apr_thread_create(&thread, attributes, worker_main, worker,
                             executor->pool))
        return NULL;
    return worker;
}

static worker_t *take_worker(executor_t *executor)
{
    worker_t *worker = executor->idle;

    if (!worker)
        return new_worker(executor);
    executor->idle = worker->next;
    return worker;
}

static worker_t *begin(executor_t *executor, executor_work_t work, void *job,
                       apr_pool_t *job_pool)
{
    worker_t *worker = take_worker(executor);

    if (!worker) {
        note_health(executor, 0);
        leave(executor);
        apr_pool_destroy(job_pool);
        return NULL;
    }
    worker->job = job;
    worker->job_pool = job_pool;
    worker->done = worker->abandoned = 0;
    worker->work = work;
    apr_thread_cond_signal(worker->wake);
    return worker;
}

static void abandon(worker_t *worker)
{
    worker->abandoned = 1;
    note_health(worker->executor, 0);
}

static int run_in_worker(executor_t *executor, executor_work_t work, void *job,
                         apr_pool_t *job_pool, apr_time_t deadline)
{
    worker_t *worker = begin(executor, work, job, job_pool);
    apr_interval_time_t patience;

    if (!worker)
        return 0;
    if (executor->trying && deadline > apr_time_now() + PROBE)
        deadline = apr_time_now() + PROBE;
    while (!worker->done && (patience = deadline - apr_time_now()) > 0)
        apr_thread_cond_timedwait(worker->wake, executor->mutex, patience);
    if (!worker->done) {
        abandon(worker);
        return 0;
    }
    worker->next = executor->idle;
    executor->idle = worker;
    return 1;
}

/* -- who does it, with the mutex held before and after --------------------- */

static int run_here(executor_t *executor, executor_work_t work, void *job)
{
    int healthy;

    apr_thread_mutex_unlock(executor->mutex);
    healthy = work(job);
    apr_thread_mutex_lock(executor->mutex);
    note_health(executor, healthy);
    leave(executor);
    return 1;
}

static executor_tried_t run_try(executor_t *executor, executor_try_t try,
                                void *job)
{
    int inside = executor->inside;
    executor_tried_t tried;

    /* Whether it is still away is for a thread to find out that can wait. */
    if (!try || executor->trying)
        return EXECUTOR_UNDONE;
    apr_thread_mutex_unlock(executor->mutex);
    tried = try(job, inside);
    apr_thread_mutex_lock(executor->mutex);
    if (tried == EXECUTOR_DONE) {
        note_health(executor, 1);
        leave(executor);
    }
    return tried;
}

static int run_with_threads(executor_t *executor, executor_try_t try,
                            executor_work_t work, void *job,
                            apr_pool_t *job_pool, apr_time_t deadline)
{
    worker_t *worker;

    switch (run_try(executor, try, job)) {
    case EXECUTOR_DONE:
        return 1;
    case EXECUTOR_PENDING:
        worker = begin(executor, work, job, job_pool);
        if (worker)
            abandon(worker);
        return 0;
    default:
        return run_in_worker(executor, work, job, job_pool, deadline);
    }
}

int executor_run(executor_t *executor, executor_try_t try, executor_work_t work,
                 void *job, apr_pool_t *job_pool, apr_time_t deadline)
{
    int done = 0;

    apr_thread_mutex_lock(executor->mutex);
    if (!enter(executor, deadline))
        apr_pool_destroy(job_pool);
    else if (executor->threads)
        done = run_with_threads(executor, try, work, job, job_pool, deadline);
    else
        done = run_here(executor, work, job);
    apr_thread_mutex_unlock(executor->mutex);
    return done;
}

int executor_close(executor_t *executor, apr_time_t deadline)
{
    apr_interval_time_t patience;
    int inside;

    apr_thread_mutex_lock(executor->mutex);
    executor->closed = 1;
    while (executor->inside && (patience = deadline - apr_time_now()) > 0)
        apr_thread_cond_timedwait(executor->left, executor->mutex, patience);
    inside = executor->inside;
    apr_thread_mutex_unlock(executor->mutex);
    return inside == 0;
}
