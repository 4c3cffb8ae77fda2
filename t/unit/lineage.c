/* SPDX-License-Identifier: Apache-2.0
 * lineage.h: which servers lie behind one that was seen. */
#include <stdlib.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "db/lineage.h"
#include "tap.h"

/* Of clusters made on 2026-11-26, one a second after the other. */
#define OLD "7712300192206147462"
#define NEW "7712300196501114758"

static apr_pool_t *pool;

static int admits(const char *params, const char *system, const char *timeline,
                  int is_standby)
{
    const char *why;

    return lineage_admit(lineage_place(params),
                         lineage_of(system, timeline, is_standby), 1000, pool,
                         &why);
}

static void test_timelines(void)
{
    lineage_place_t *place = lineage_place("timelines");
    lineage_t first = lineage_of(OLD, "9", 0);
    const char *why = NULL;

    ok(place && lineage_place("timelines") == place, "a place is found again");
    ok(admits("timelines", OLD, "9", 0), "the first server is asked");
    ok(admits("timelines", OLD, "9", 0), "  and asked again");
    ok(admits("timelines", OLD, "10", 0), "and the one that took its place");
    ok(lineage_is_behind(place, first), "the first lies behind then");
    ok(lineage_refused_at(place) == 0, "  and has not come back");
    ok(!lineage_admit(place, first, 1000, pool, &why), "  nor may it");
    is(why,
       "it is on timeline 9 of a cluster made on 2026-11-26, but timeline 10 "
       "of one made on 2026-11-26 has been seen",
       "  why");
    ok(lineage_refused_at(place) == 1000, "  and when");
    ok(admits("timelines", OLD, "10", 0), "the other is asked all the same");
    ok(admits("others", OLD, "9", 0), "other DBDParams have another place");
}

static void test_standbys(void)
{
    ok(admits("standbys", OLD, "3", 0), "a primary");
    ok(admits("standbys", OLD, "2", 1), "a standby tells its timeline late");
    ok(admits("standbys", OLD, "4", 1), "or tells of a new one");
    ok(!admits("standbys", OLD, "3", 0), "  so that the primary is old");
    ok(admits("standbys", NEW, "1", 0), "a new cluster");
    ok(!admits("standbys", OLD, "5", 0), "  and the old one is old");
    ok(!admits("standbys", OLD, "5", 1), "  and its standbys");
    ok(admits("standbys", NEW, "1", 1), "  but not the new one's");
}

static void test_unknown(void)
{
    lineage_t none = lineage_of(NULL, NULL, 0);

    ok(admits("unknown", OLD, "3", 0), "a server that tells");
    ok(admits("unknown", NULL, NULL, 0), "one that does not is asked");
    ok(!admits("unknown", OLD, "2", 0), "  and changes nothing");
    ok(!lineage_is_behind(lineage_place("unknown"), none), "  nor is it old");
}

static void test_memory(void)
{
    char name[20];
    int i;

    for (i = 0; i < 2000; i++) {
        apr_snprintf(name, sizeof(name), "database %d", i);
        lineage_place(name);
    }
    ok(lineage_place("timelines") != NULL, "many leave the others their place");
    ok(!lineage_place("one more"), "  but there is an end");
    ok(admits("one more", OLD, "3", 0) && admits("one more", OLD, "2", 0),
       "  where nothing is remembered");
    lineage_use(NULL);
    ok(!lineage_place("timelines"), "without memory there is none");
    ok(admits("timelines", OLD, "1", 0), "  nor is anything old");
}

int main(void)
{
    void *memory = calloc(1, lineage_size);

    apr_initialize();
    apr_pool_create(&pool, NULL);
    lineage_use(memory);
    test_timelines();
    test_standbys();
    test_unknown();
    test_memory();
    free(memory);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
