/* SPDX-License-Identifier: Apache-2.0
 * slow_queries.h: how many of a query are run that was slow, and until when. */
#include <stdio.h>
#include <apr_general.h>
#include "db/slow_queries.h"
#include "tap.h"

static apr_pool_t *pool;

static int enter(slow_queries_t *slow, const char *text, slow_query_t **place)
{
    return slow_queries_enter(slow, text,
                              apr_time_now() + apr_time_from_msec(10), place);
}

static void test_limit(int limit, int places)
{
    slow_queries_t *slow = slow_queries_create(pool, limit);
    slow_query_t *place[4], *other;
    int i;

    ok(enter(slow, "SELECT 1", &other) && !other, "none is slow at first");
    slow_queries_add(slow, "SELECT 1");
    slow_queries_add(slow, "SELECT 1");
    for (i = 0; i < places; i++)
        ok(enter(slow, "SELECT 1", &place[i]) && place[i],
           "a limit of %d, slow one %d: may be run", limit, i + 1);
    ok(!enter(slow, "SELECT 1", &other), "  and no more at a time");
    ok(enter(slow, "SELECT 2", &other) && !other, "  but others may");
    slow_queries_leave(slow, place[0], 0);
    ok(enter(slow, "SELECT 1", &place[0]), "  one has ended: another may");
    slow_queries_leave(slow, place[0], 1);
    ok(enter(slow, "SELECT 1", &other) && !other,
       "  that one was quick: it is no longer slow");
    slow_queries_add(slow, "SELECT 1");
    ok(enter(slow, "SELECT 1", &other) && other, "  slow again: one may");
    slow_queries_leave(slow, other, 1);
    for (i = 1; i < places; i++)
        slow_queries_leave(slow, place[i], 1);
    ok(enter(slow, "SELECT 1", &other) && !other, "  all are quick");
}

/* The oldest make way, but those that are run. */
static void test_many(void)
{
    slow_queries_t *slow = slow_queries_create(pool, 1);
    slow_query_t *first, *place;
    char text[20];
    int i;

    slow_queries_add(slow, "first");
    slow_queries_add(slow, "second");
    enter(slow, "first", &first);
    for (i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "SELECT %d", i);
        slow_queries_add(slow, text);
    }
    ok(!enter(slow, "first", &place), "many are slow: what is run stays so");
    ok(enter(slow, "second", &place) && !place, "  others are forgotten");
    ok(enter(slow, text, &place) && place, "  the last is known");
    slow_queries_leave(slow, place, 1);
    ok(enter(slow, text, &place) && !place, "  until it is quick");
    slow_queries_leave(slow, first, 1);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_limit(2, 2);
    test_limit(0, 1);
    test_many();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
