/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/task.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "apr_atomic.h"

#include "base/deadline.h"
#include "base/intervals.h"

/* At a time, for tasks that may keep each other waiting. */
#define THREADS 4

struct task_threads_t {
    pthread_mutex_t mutex; /* guards the rest */
    int count;             /* of threads */
    task_t *first;         /* that waits for one; NULL: none does */
};

struct task_t {
    task_threads_t *threads;
    void (*work)(void *data);
    void *data;
    pthread_mutex_t mutex; /* guards the rest */
    pthread_cond_t ended;  /* is_running, or runs, has changed */
    int is_running;        /* or waits for a thread */
    apr_time_t started_at; /* of that */
    unsigned runs;         /* that have ended */
    task_t *next;          /* that waits for a thread; guarded by threads */
};

/* Of this process. */
static volatile apr_uint32_t running; /* threads */
static volatile apr_uint32_t closed;

/* A thread that does nothing more but end; whoever takes it joins it. */
static pthread_mutex_t ending = PTHREAD_MUTEX_INITIALIZER;
static pthread_t ended;
static int has_ended;

/* Waits for the thread that is ending, if there is one. own: this thread, which
 * is ending then; NULL: it is not. */
static void join_ended(const pthread_t *own)
{
    int has_before = 1;

    while (has_before) {
        pthread_t before;

        pthread_mutex_lock(&ending);
        before = ended;
        has_before = has_ended;
        has_ended = own && !has_before;
        if (has_ended)
            ended = *own;
        pthread_mutex_unlock(&ending);
        if (has_before)
            pthread_join(before, NULL);
    }
}

/* What work uses is about to go. Rather than wait for what hangs, the process
 * ends here, with what logs hold back written as before an exec. */
static apr_status_t close_tasks(void *unused)
{
    apr_time_t deadline = apr_time_now() + INTERVALS_CLOSING;

    (void)unused;
    apr_atomic_set32(&closed, 1);
    while (apr_atomic_read32(&running) && deadline_left(deadline) > 0)
        apr_sleep(INTERVALS_CLOSING_LOOK);
    if (apr_atomic_read32(&running)) {
        apr_pool_cleanup_for_exec();
        _exit(0);
    }
    join_ended(NULL);
    return APR_SUCCESS;
}

void task_child_init(apr_pool_t *pool)
{
    apr_atomic_set32(&closed, 0);
    has_ended = 0;
    apr_pool_pre_cleanup_register(pool, NULL, close_tasks);
}

task_threads_t *task_threads_create(apr_pool_t *pool)
{
    task_threads_t *threads = apr_pcalloc(pool, sizeof(*threads));

    pthread_mutex_init(&threads->mutex, NULL);
    return threads;
}

task_t *task_create(apr_pool_t *pool, task_threads_t *threads,
                    void (*work)(void *data), void *data)
{
    task_t *task = apr_pcalloc(pool, sizeof(*task));

    task->threads = threads;
    task->work = work;
    task->data = data;
    pthread_mutex_init(&task->mutex, NULL);
    deadline_init_condition(&task->ended);
    return task;
}

/* -- in a thread of its own ------------------------------------------------ */

static void task_run(task_t *task)
{
    if (!apr_atomic_read32(&closed))
        task->work(task->data);
    pthread_mutex_lock(&task->mutex);
    task->is_running = 0;
    task->runs++;
    pthread_cond_broadcast(&task->ended);
    pthread_mutex_unlock(&task->mutex);
}

/* NULL: there is none, and the thread that asks is to end. */
static task_t *task_take(task_threads_t *threads)
{
    task_t *task;

    pthread_mutex_lock(&threads->mutex);
    task = threads->first;
    if (task)
        threads->first = task->next;
    else
        threads->count--;
    pthread_mutex_unlock(&threads->mutex);
    return task;
}

static void *run_all(void *data)
{
    const pthread_t own = pthread_self();
    task_t *task;

    while ((task = task_take(data)) != NULL)
        task_run(task);
    join_ended(&own);
    apr_atomic_dec32(&running);
    return NULL;
}

/* Not by APR: until 1.8 its threads leave memory behind in the pool that they
 * are made in, and these come and go for as long as the process lives. Signals
 * are for the process's own threads. */
static int make_thread(task_threads_t *threads)
{
    sigset_t all, before;
    pthread_t thread;
    int made;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    apr_atomic_inc32(&running);
    made = pthread_create(&thread, NULL, run_all, threads) == 0;
    if (!made)
        apr_atomic_dec32(&running);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return made;
}

static void add_last(task_threads_t *threads, task_t *task)
{
    task_t **end = &threads->first;

    while (*end)
        end = &(*end)->next;
    task->next = NULL;
    *end = task;
}

/* 0: there is no thread for it. */
static int push(task_t *task)
{
    task_threads_t *threads = task->threads;
    int has_thread;

    pthread_mutex_lock(&threads->mutex);
    if (threads->count < THREADS && make_thread(threads))
        threads->count++;
    has_thread = threads->count > 0;
    if (has_thread)
        add_last(threads, task);
    pthread_mutex_unlock(&threads->mutex);
    return has_thread;
}

/* With the mutex held. */
static void task_start_locked(task_t *task)
{
    if (task->is_running)
        return;
    task->started_at = apr_time_now();
    task->is_running = push(task);
}

void task_start(task_t *task)
{
    pthread_mutex_lock(&task->mutex);
    task_start_locked(task);
    pthread_mutex_unlock(&task->mutex);
}

/* With the mutex held; 1 when a run has ended meanwhile. */
static int task_wait_for_end(task_t *task, apr_time_t deadline)
{
    unsigned runs = task->runs;

    if (deadline > task->started_at + INTERVALS_TASK_HANG)
        deadline = task->started_at + INTERVALS_TASK_HANG;
    while (task->is_running && task->runs == runs
           && deadline_wait(&task->ended, &task->mutex, deadline))
        ;
    return task->runs != runs;
}

int task_wait(task_t *task, apr_time_t deadline, const char **why)
{
    int done;

    pthread_mutex_lock(&task->mutex);
    task_start_locked(task);
    *why = task->is_running
        ? "in time"
        : "as no thread can be made (ulimit -u, or systemd's TasksMax)";
    done = task_wait_for_end(task, deadline);
    pthread_mutex_unlock(&task->mutex);
    return done;
}

void task_join(task_t *task, apr_time_t deadline)
{
    pthread_mutex_lock(&task->mutex);
    task_wait_for_end(task, deadline);
    pthread_mutex_unlock(&task->mutex);
}
