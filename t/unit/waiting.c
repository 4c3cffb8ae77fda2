/* SPDX-License-Identifier: Apache-2.0
 * waiting.h: threads that wait for one of a few things get them in the order in
 * which they came, though others come all the time. */
#include <apr_general.h>
#include <apr_thread_proc.h>
#include "base/waiting.h"
#include "tap.h"

#define THREADS 8
#define LONG    apr_time_from_sec(20)

static apr_pool_t *pool;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static waiting_t waiting;
static int thing;

/* What became of a thread. */
typedef struct {
    apr_interval_time_t patience;
    waiter_t waiter;
} visitor_t;

static void *APR_THREAD_FUNC wait_for_thing(apr_thread_t *thread, void *data)
{
    visitor_t *visitor = data;

    (void)thread;
    pthread_mutex_lock(&mutex);
    waiting_join(&waiting, &visitor->waiter);
    do {
        waiting_sleep(&visitor->waiter, &mutex,
                      apr_time_now() + visitor->patience);
    } while (!visitor->waiter.granted && visitor->patience == LONG);
    waiting_leave(&waiting, &visitor->waiter);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static int waiting_now(void)
{
    int count;

    pthread_mutex_lock(&mutex);
    count = waiting.count;
    pthread_mutex_unlock(&mutex);
    return count;
}

/* One more thread that waits. */
static apr_thread_t *arrive(visitor_t *visitor, apr_interval_time_t patience)
{
    int before = waiting_now();
    apr_thread_t *thread;

    *visitor = (visitor_t){ .patience = patience };
    apr_thread_create(&thread, NULL, wait_for_thing, visitor, pool);
    while (patience == LONG && waiting_now() == before)
        apr_sleep(1000);
    return thread;
}

static void grant(void)
{
    pthread_mutex_lock(&mutex);
    waiting_grant(&waiting, &thing);
    pthread_mutex_unlock(&mutex);
}

static void check_order(void)
{
    apr_thread_t *threads[THREADS];
    visitor_t visitors[THREADS];
    apr_status_t result;
    int i, in_order = 1;

    for (i = 0; i < THREADS; i++)
        threads[i] = arrive(&visitors[i], LONG);
    ok(waiting_now() == THREADS, "all of them wait");
    pthread_mutex_lock(&mutex);
    waiting_wake(&waiting);
    pthread_mutex_unlock(&mutex);
    for (i = 0; i < THREADS; i++) {
        grant();
        apr_thread_join(&result, threads[i]);
        in_order &= visitors[i].waiter.granted == &thing
            && waiting_now() == THREADS - 1 - i;
    }
    ok(in_order, "who came first got the first, also after all were woken");
}

/* The one in the middle leaves. */
static void check_patience(void)
{
    apr_thread_t *threads[3];
    visitor_t visitors[3];
    apr_status_t result;

    threads[0] = arrive(&visitors[0], LONG);
    threads[1] = arrive(&visitors[1], apr_time_from_msec(20));
    apr_thread_join(&result, threads[1]);
    threads[2] = arrive(&visitors[2], LONG);
    ok(!visitors[1].waiter.granted && waiting_now() == 2,
       "who has lost its patience has left");
    grant();
    grant();
    apr_thread_join(&result, threads[0]);
    apr_thread_join(&result, threads[2]);
    ok(visitors[0].waiter.granted == &thing
           && visitors[2].waiter.granted == &thing,
       "and the others get theirs");
}

/* Who is granted one leaves at once: it is not granted another before it has
 * woken. */
static void check_two_at_once(void)
{
    apr_thread_t *threads[2];
    visitor_t visitors[2];
    apr_status_t result;
    int i;

    for (i = 0; i < 2; i++)
        threads[i] = arrive(&visitors[i], LONG);
    pthread_mutex_lock(&mutex);
    waiting_grant(&waiting, &thing);
    waiting_grant(&waiting, &thing);
    ok(waiting.count == 0, "two that become free at once go to two");
    pthread_mutex_unlock(&mutex);
    for (i = 0; i < 2; i++)
        apr_thread_join(&result, threads[i]);
    ok(visitors[0].waiter.granted && visitors[1].waiter.granted,
       "and both know of it");
}

int main(void)
{
    apr_initialize();
    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    waiting_init(&waiting);
    check_order();
    check_patience();
    check_two_at_once();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
