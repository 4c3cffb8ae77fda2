/* SPDX-License-Identifier: Apache-2.0
 * places.h: who waits for a place gets one after all who waited before, and
 * gives up only where nothing moves. */
#include <apr_general.h>
#include <apr_thread_proc.h>
#include "base/places.h"
#include "tap.h"

#define STALL   apr_time_from_sec(2)
#define HELD    apr_time_from_msec(400)
#define THREADS 7 /* the last one waits longer than STALL */

static apr_pool_t *pool;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static places_t places;

static int take(apr_time_t deadline, apr_interval_time_t stall)
{
    int took;

    pthread_mutex_lock(&mutex);
    took = places_take(&places, &mutex, deadline, stall);
    pthread_mutex_unlock(&mutex);
    return took;
}

/* When somebody last came to a place or left one, and the longest time between
 * two such moves: a machine may stop for longer than a visitor waits. */
static apr_time_t moved;
static apr_interval_time_t longest;

static void note_move(void)
{
    const apr_time_t now = apr_time_now();

    if (now - moved > longest)
        longest = now - moved;
    moved = now;
}

static void leave(void)
{
    pthread_mutex_lock(&mutex);
    note_move();
    places_leave(&places);
    pthread_mutex_unlock(&mutex);
}

static void *APR_THREAD_FUNC visit(apr_thread_t *thread, void *data)
{
    int *took = data;

    (void)thread;
    pthread_mutex_lock(&mutex);
    *took = places_take(&places, &mutex, apr_time_now() + apr_time_from_sec(15),
                        STALL);
    if (*took)
        note_move();
    pthread_mutex_unlock(&mutex);
    if (*took) {
        apr_sleep(HELD);
        leave();
    }
    return NULL;
}

static void check_limit(void)
{
    apr_time_t far = apr_time_now() + apr_time_from_sec(15);

    places_init(&places, 2);
    ok(take(0, 0) && take(0, 0), "two places are taken at once");
    ok(!take(0, far), "a third is not there by a deadline that has passed");
    ok(!take(far, apr_time_from_msec(50)), "nor where nothing moves");
    leave();
    ok(take(0, 0) && !take(0, 0), "one that was left can be taken, once");
}

/* How many of the visitors to one place came to it. */
static int count_visitors(void)
{
    apr_thread_t *threads[THREADS];
    int took[THREADS] = { 0 }, count = 0, i;
    apr_status_t result;

    moved = apr_time_now();
    longest = 0;
    for (i = 0; i < THREADS; i++)
        apr_thread_create(&threads[i], NULL, visit, &took[i], pool);
    for (i = 0; i < THREADS; i++) {
        apr_thread_join(&result, threads[i]);
        count += took[i];
    }
    return count;
}

static void check_moving(void)
{
    int count, tries = 5;

    places_init(&places, 1);
    do
        count = count_visitors();
    while (count < THREADS && longest > STALL / 2 && --tries);
    ok(count == THREADS, "while something moves nobody gives up: %d of %d",
       count, THREADS);
    ok(places.taken == 0 && places.waiting.count == 0, "all have left");
}

int main(void)
{
    apr_initialize();
    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    check_limit();
    check_moving();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
