/* SPDX-License-Identifier: Apache-2.0 */
#include "db/executor.h"

#include <pthread.h>
#include <signal.h>

#include "apr_thread_proc.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/places.h"
#include "base/snapshot.h"

typedef struct worker_t worker_t;

/* Guarded by mutex. Never destroyed, as threads may hang in it. */
struct executor_t {
    pthread_mutex_t mutex;
    pthread_cond_t left; /* a piece of work has ended */
    places_t places;     /* one for each piece of work under way */
    int closed;
    worker_t *idle; /* a stack */
};

/* A thread, and the work it does now. Guarded by executor->mutex. */
struct worker_t {
    executor_t *executor;
    worker_t *next;       /* in executor->idle */
    pthread_cond_t wake;  /* there is work, or it is done */
    executor_work_t work; /* NULL: none */
    void *job;
    apr_pool_t *job_pool;
    int done;
    int abandoned; /* nobody waits for it any more */
};

executor_t *executor_create(int limit)
{
    apr_pool_t *pool = snapshot_pool();
    executor_t *executor = pool ? apr_pcalloc(pool, sizeof(*executor)) : NULL;

    if (!executor)
        return NULL;
    pthread_mutex_init(&executor->mutex, NULL);
    deadline_init_condition(&executor->left);
    places_init(&executor->places, limit > 0 ? limit : 1);
    return executor;
}

/* -- threads --------------------------------------------------------------- */

/* With the mutex held. */
static void executor_leave(executor_t *executor)
{
    places_leave(&executor->places);
    pthread_cond_signal(&executor->left);
}

/* The work of a worker is done. Called and returns with the mutex held. */
static void executor_finish(worker_t *worker)
{
    executor_t *executor = worker->executor;

    worker->work = NULL;
    worker->done = 1;
    executor_leave(executor);
    if (!worker->abandoned) {
        pthread_cond_signal(&worker->wake);
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
    pthread_mutex_lock(&worker->executor->mutex);
    for (;;) {
        while (!worker->work)
            pthread_cond_wait(&worker->wake, &worker->executor->mutex);
        pthread_mutex_unlock(&worker->executor->mutex);
        worker->work(worker->job);
        pthread_mutex_lock(&worker->executor->mutex);
        executor_finish(worker);
    }
    return NULL;
}

/* In a pool of its own, which goes where no thread can be made; that may be
 * tried again for long. */
static worker_t *new_worker(executor_t *executor)
{
    apr_pool_t *pool = snapshot_pool();
    worker_t *worker = pool ? apr_pcalloc(pool, sizeof(*worker)) : NULL;
    apr_threadattr_t *attributes;
    apr_thread_t *thread;

    if (!worker)
        return NULL;
    worker->executor = executor;
    deadline_init_condition(&worker->wake);
    if (!apr_threadattr_create(&attributes, pool)
        && !apr_threadattr_detach_set(attributes, 1)
        && !apr_thread_create(&thread, attributes, worker_main, worker, pool))
        return worker;
    apr_pool_destroy(pool);
    return NULL;
}

static worker_t *take_worker(executor_t *executor)
{
    worker_t *worker = executor->idle;

    if (!worker)
        return new_worker(executor);
    executor->idle = worker->next;
    return worker;
}

/* -- callers; all with the mutex held -------------------------------------- */

/* A worker in a place of its own; NULL: there is none. */
static worker_t *executor_enter(executor_t *executor, apr_time_t deadline)
{
    worker_t *worker = NULL;

    if (!places_take(&executor->places, &executor->mutex, deadline,
                     INTERVALS_STALL))
        return NULL;
    if (!executor->closed)
        worker = take_worker(executor);
    if (!worker)
        executor_leave(executor);
    return worker;
}

static void executor_begin(worker_t *worker, executor_work_t work, void *job,
                           apr_pool_t *job_pool)
{
    worker->job = job;
    worker->job_pool = job_pool;
    worker->done = worker->abandoned = 0;
    worker->work = work;
    pthread_cond_signal(&worker->wake);
}

static executor_result_t wait_for_end(worker_t *worker, apr_time_t deadline)
{
    executor_t *executor = worker->executor;

    while (!worker->done
           && deadline_wait(&worker->wake, &executor->mutex, deadline))
        ;
    if (!worker->done) {
        worker->abandoned = 1;
        return EXECUTOR_ABANDONED;
    }
    worker->next = executor->idle;
    executor->idle = worker;
    return EXECUTOR_DONE;
}

executor_result_t executor_run(executor_t *executor, executor_work_t work,
                               void *job, apr_pool_t *job_pool,
                               apr_time_t deadline)
{
    executor_result_t result = EXECUTOR_REFUSED;
    worker_t *worker;

    pthread_mutex_lock(&executor->mutex);
    worker = executor_enter(executor, deadline);
    if (worker) {
        executor_begin(worker, work, job, job_pool);
        result = wait_for_end(worker, deadline);
    }
    else
        apr_pool_destroy(job_pool);
    pthread_mutex_unlock(&executor->mutex);
    return result;
}

int executor_close(executor_t *executor, apr_time_t deadline)
{
    int inside;

    pthread_mutex_lock(&executor->mutex);
    executor->closed = 1;
    while (executor->places.taken
           && deadline_wait(&executor->left, &executor->mutex, deadline))
        ;
    inside = executor->places.taken;
    pthread_mutex_unlock(&executor->mutex);
    return inside == 0;
}
