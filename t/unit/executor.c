/* SPDX-License-Identifier: Apache-2.0
 * executor.h: callers that wait, walk away and find no room. */
#include <apr_atomic.h>
#include <apr_general.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include "base/snapshot.h"
#include "db/executor.h"
#include "mapped.h"
#include "no_threads.h"
#include "tap.h"

/* An executor lives as long as its process, and so do its pools. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static apr_pool_t *pool;

/* A door that work waits behind. */
static apr_thread_mutex_t *mutex;
static apr_thread_cond_t *opened;
static int is_open, behind, ended;

typedef struct {
    int number, doubled;
} job_t;

static void double_it(void *data)
{
    job_t *job = data;

    job->doubled = 2 * job->number;
}

static void wait_behind(void *data)
{
    (void)data;
    apr_thread_mutex_lock(mutex);
    behind++;
    apr_thread_cond_broadcast(opened);
    while (!is_open)
        apr_thread_cond_wait(opened, mutex);
    behind--;
    ended++;
    apr_thread_cond_broadcast(opened);
    apr_thread_mutex_unlock(mutex);
}

static void set_door(int open)
{
    apr_thread_mutex_lock(mutex);
    is_open = open;
    ended = open ? ended : 0;
    apr_thread_cond_broadcast(opened);
    apr_thread_mutex_unlock(mutex);
}

/* Until so many have ended. */
static void wait_for_ends(int count)
{
    apr_thread_mutex_lock(mutex);
    while (ended < count)
        apr_thread_cond_wait(opened, mutex);
    apr_thread_mutex_unlock(mutex);
}

static executor_result_t run(executor_t *executor, executor_work_t work,
                             int number, int *doubled, apr_time_t deadline)
{
    apr_pool_t *own = snapshot_pool();
    job_t *job = apr_pcalloc(own, sizeof(*job));
    executor_result_t result;

    job->number = number;
    result = executor_run(executor, work, job, own, deadline);
    if (result != EXECUTOR_DONE)
        return result;
    *doubled = job->doubled;
    apr_pool_destroy(own);
    return result;
}

static void test_one(void)
{
    executor_t *executor = executor_create(1);
    apr_time_t since;
    int doubled = 0;

    set_door(0);
    ok(run(executor, double_it, 21, &doubled, apr_time_now() + 10000000)
               == EXECUTOR_DONE
           && doubled == 42,
       "work is done");
    ok(run(executor, wait_behind, 0, &doubled, apr_time_now() + 10000)
           == EXECUTOR_ABANDONED,
       "work that hangs is left behind");
    since = apr_time_now();
    ok(run(executor, double_it, 1, &doubled, since + 10000000)
           == EXECUTOR_REFUSED,
       "there is no room behind it");
    ok(apr_time_now() - since < 5000000, "  which is soon told");
    ok(!executor_close(executor, apr_time_now() + 10000),
       "nor is it over in time");
    set_door(1);
    wait_for_ends(1);
    ok(executor_close(executor, apr_time_now() + 10000000), "then it is");
    ok(run(executor, double_it, 1, &doubled, apr_time_now() + 10000000)
           == EXECUTOR_REFUSED,
       "nothing is begun after the end");
}

static void test_room(void)
{
    executor_t *executor = executor_create(2);
    int doubled = 0, i;

    set_door(0);
    for (i = 0; i < 2; i++)
        ok(run(executor, wait_behind, 0, &doubled, 0) == EXECUTOR_ABANDONED,
           "begun, and not waited for");
    set_door(1);
    wait_for_ends(2);
    ok(run(executor, double_it, 4, &doubled, apr_time_now() + 10000000)
               == EXECUTOR_DONE
           && doubled == 8,
       "there is room again");
}

static void test_no_threads(void)
{
    enum { TIMES = 20000 };
    executor_t *executor = executor_create(1);
    long before = 0;
    int doubled = 0, refused = 0, i;

    no_threads = 1;
    for (i = 0; i < 2 * TIMES; i++) {
        if (i == TIMES)
            before = mapped();
        refused += run(executor, double_it, 1, &doubled, 0) == EXECUTOR_REFUSED;
    }
    ok(refused == 2 * TIMES, "without threads nothing is begun");
    if (before)
        ok(mapped() - before < TIMES * 20L,
           "  and nothing left behind (%ld bytes)", mapped() - before);
    no_threads = 0;
    ok(run(executor, double_it, 3, &doubled, apr_time_now() + 20000000)
               == EXECUTOR_DONE
           && doubled == 6,
       "  until there are threads again");
}

/* -- many callers ---------------------------------------------------------- */

#define THREADS 8
#define ROUNDS  500
#define LIMIT   3

static executor_t *shared;
static volatile apr_uint32_t inside, too_many, wrong, done;

static void count_inside(void *data)
{
    if (apr_atomic_inc32(&inside) >= LIMIT)
        apr_atomic_inc32(&too_many);
    double_it(data);
    apr_thread_yield();
    apr_atomic_dec32(&inside);
}

static void *APR_THREAD_FUNC call(apr_thread_t *thread, void *data)
{
    int i;

    (void)thread;
    (void)data;
    for (i = 0; i < ROUNDS; i++) {
        int doubled = 0;
        /* Some walk away at once. */
        apr_time_t deadline = i % 7 ? apr_time_now() + 20000000 : 0;

        if (run(shared, count_inside, i, &doubled, deadline) == EXECUTOR_DONE) {
            apr_atomic_inc32(&done);
            if (doubled != 2 * i)
                apr_atomic_inc32(&wrong);
        }
    }
    return NULL;
}

static void test_many(void)
{
    apr_thread_t *threads[THREADS];
    apr_status_t status;
    int i;

    shared = executor_create(LIMIT);
    for (i = 0; i < THREADS; i++)
        apr_thread_create(&threads[i], NULL, call, NULL, pool);
    for (i = 0; i < THREADS; i++)
        apr_thread_join(&status, threads[i]);
    ok(executor_close(shared, apr_time_now() + 20000000), "all is over");
    ok(done > 0 && wrong == 0, "many callers: each has its own result");
    ok(too_many == 0, "  no more at a time than may be");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    apr_thread_mutex_create(&mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    apr_thread_cond_create(&opened, pool);
    test_one();
    test_room();
    test_no_threads();
    test_many();
    apr_terminate();
    return done_testing();
}
