/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/task.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "apr_atomic.h"
#include "apr_thread_cond.h"
#include "apr_thread_mutex.h"
#include "apr_thread_pool.h"

/* At a time, for tasks that may keep each other waiting. */
#define THREADS 4

/* Nobody waits for work that has taken so long already: a server's threads are
 * not for queueing up behind what hangs. */
#define HANG apr_time_from_msec(1500)

/* How long the end of a process waits for work. httpd's parent loses its
 * patience with a child after three seconds. */
#define CLOSING apr_time_from_msec(300)
#define LOOK    apr_time_from_msec(5)

struct task_threads_t {
    apr_thread_mutex_t *mutex; /* guards the making of pool */
    apr_thread_pool_t *pool;   /* NULL: none needed yet */
    task_threads_t *next;      /* in task_all; not written once made */
};

struct task_t {
    task_threads_t *threads;
    void (*work)(void *data);
    void *data;
    apr_thread_mutex_t *mutex; /* guards the rest */
    apr_thread_cond_t *ended;
    int is_running;        /* or waits for a thread */
    apr_time_t started_at; /* of that */
    unsigned runs;         /* that have ended */
};

/* Of this process. */
static volatile apr_uint32_t running;
static volatile apr_uint32_t closed;
static task_threads_t *task_all;

/* What work uses is about to go. Rather than wait for what hangs, the process
 * ends here, with what logs hold back written as before an exec. */
static apr_status_t close_tasks(void *unused)
{
    apr_time_t deadline = apr_time_now() + CLOSING;
    task_threads_t *each;

    (void)unused;
    apr_atomic_set32(&closed, 1);
    while (apr_atomic_read32(&running) && apr_time_now() < deadline)
        apr_sleep(LOOK);
    if (apr_atomic_read32(&running)) {
        apr_pool_cleanup_for_exec();
        _exit(0);
    }
    for (each = task_all; each; each = each->next)
        if (each->pool)
            apr_thread_pool_destroy(each->pool);
    return APR_SUCCESS;
}

void task_child_init(apr_pool_t *pool)
{
    apr_atomic_set32(&closed, 0);
    task_all = NULL;
    apr_pool_pre_cleanup_register(pool, NULL, close_tasks);
}

task_threads_t *task_threads_create(apr_pool_t *pool)
{
    task_threads_t *threads = apr_pcalloc(pool, sizeof(*threads));

    if (apr_thread_mutex_create(&threads->mutex, APR_THREAD_MUTEX_DEFAULT, pool)
        != APR_SUCCESS)
        return NULL;
    threads->next = task_all;
    task_all = threads;
    return threads;
}

task_t *task_create(apr_pool_t *pool, task_threads_t *threads,
                    void (*work)(void *data), void *data)
{
    task_t *task = apr_pcalloc(pool, sizeof(*task));

    task->threads = threads;
    task->work = work;
    task->data = data;
    return threads
            && apr_thread_mutex_create(&task->mutex, APR_THREAD_MUTEX_DEFAULT,
                                       pool)
                == APR_SUCCESS
            && apr_thread_cond_create(&task->ended, pool) == APR_SUCCESS
        ? task
        : NULL;
}

/* -- in a thread of its own ------------------------------------------------ */

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    task_t *task = data;

    (void)thread;
    apr_atomic_inc32(&running);
    if (!apr_atomic_read32(&closed))
        task->work(task->data);
    apr_thread_mutex_lock(task->mutex);
    task->is_running = 0;
    task->runs++;
    apr_thread_cond_broadcast(task->ended);
    apr_thread_mutex_unlock(task->mutex);
    apr_atomic_dec32(&running);
    return NULL;
}

/* Its own pool above it is never destroyed, as threads may hang. */
static apr_thread_pool_t *pool_of(task_threads_t *threads)
{
    apr_pool_t *own = NULL;

    apr_thread_mutex_lock(threads->mutex);
    if (!threads->pool
        && apr_pool_create_unmanaged_ex(&own, NULL, NULL) == APR_SUCCESS
        && apr_thread_pool_create(&threads->pool, 0, THREADS, own)
            != APR_SUCCESS)
        threads->pool = NULL;
    apr_thread_mutex_unlock(threads->mutex);
    return threads->pool;
}

/* Signals are for the process's own threads. */
static int push(task_t *task)
{
    apr_thread_pool_t *pool = pool_of(task->threads);
    sigset_t all, before;
    apr_status_t status;

    if (!pool)
        return 0;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    status = apr_thread_pool_push(pool, run, task,
                                  APR_THREAD_TASK_PRIORITY_NORMAL, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status == APR_SUCCESS;
}

/* With the mutex held. */
static void start(task_t *task)
{
    if (task->is_running)
        return;
    task->started_at = apr_time_now();
    task->is_running = push(task);
}

void task_start(task_t *task)
{
    apr_thread_mutex_lock(task->mutex);
    start(task);
    apr_thread_mutex_unlock(task->mutex);
}

int task_wait(task_t *task, apr_time_t deadline)
{
    apr_interval_time_t patience;
    unsigned runs;
    int done;

    apr_thread_mutex_lock(task->mutex);
    runs = task->runs;
    start(task);
    if (deadline > task->started_at + HANG)
        deadline = task->started_at + HANG;
    while (task->is_running && task->runs == runs
           && (patience = deadline - apr_time_now()) > 0)
        apr_thread_cond_timedwait(task->ended, task->mutex, patience);
    done = task->runs != runs;
    apr_thread_mutex_unlock(task->mutex);
    return done;
}
