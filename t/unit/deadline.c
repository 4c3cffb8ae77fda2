/* SPDX-License-Identifier: Apache-2.0
 * deadline.h: what waits until a deadline is woken before, ends then, and does
 * not wait where the clock has been set back. What a clock that is set does is
 * in functional/41-clock. */
#include <apr_general.h>
#include <apr_thread_proc.h>
#include "base/deadline.h"
#include "tap.h"

#define SECOND apr_time_from_sec(1)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition;
static int is_set;

/* How long it waits for a deadline so far ahead. */
static apr_interval_time_t wait_in_vain(apr_interval_time_t ahead)
{
    const apr_time_t began = apr_time_now();

    pthread_mutex_lock(&mutex);
    while (deadline_wait(&condition, &mutex, began + ahead))
        ;
    pthread_mutex_unlock(&mutex);
    return apr_time_now() - began;
}

static void *APR_THREAD_FUNC set(apr_thread_t *thread, void *data)
{
    (void)thread;
    (void)data;
    pthread_mutex_lock(&mutex);
    is_set = 1;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void check_recent(void)
{
    const apr_time_t now = apr_time_now();

    ok(deadline_is_recent(now, SECOND, now), "what has just been is recent");
    ok(deadline_is_recent(now - SECOND + 1, SECOND, now), "  and for a second");
    ok(!deadline_is_recent(now - SECOND, SECOND, now), "  and no longer");
    ok(!deadline_is_recent(now + 1, SECOND, now),
       "  and not what is ahead, as the clock has been set back");
}

static void check_signal(apr_pool_t *pool)
{
    const apr_time_t deadline = apr_time_now() + 15 * SECOND;
    apr_thread_t *thread;
    apr_status_t result;

    pthread_mutex_lock(&mutex);
    apr_thread_create(&thread, NULL, set, NULL, pool);
    while (!is_set && deadline_wait(&condition, &mutex, deadline))
        ;
    ok(is_set && apr_time_now() < deadline, "a signal ends it");
    pthread_mutex_unlock(&mutex);
    apr_thread_join(&result, thread);
}

int main(void)
{
    apr_interval_time_t took;
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    deadline_init_condition(&condition);
    ok(deadline_left(apr_time_now() + 15 * SECOND) > 0
           && deadline_left(apr_time_now() + 15 * SECOND) <= 15 * SECOND,
       "some time is left");
    ok(deadline_left(apr_time_now() - SECOND) < 0, "or none");
    ok(deadline_left(apr_time_now() + 3600 * SECOND) == 0,
       "nor of an hour: the clock was set back");
    took = wait_in_vain(SECOND / 2);
    ok(took >= SECOND / 2 - 1000 && took < 10 * SECOND, "it ends in time");
    ok(wait_in_vain(-SECOND) < SECOND && wait_in_vain(3600 * SECOND) < SECOND,
       "and does not begin without time");
    check_recent();
    check_signal(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
