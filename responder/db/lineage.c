/* SPDX-License-Identifier: Apache-2.0 */
#include "db/lineage.h"

#include <stdlib.h>

#include "apr_strings.h"
#include "base/calendar.h"
#include "base/fnv1a.h"

#define PLACES 1024

struct lineage_place_t {
    apr_uint64_t name; /* a hash of DBDParams; 0: free */
    apr_uint64_t furthest;
    apr_uint64_t refused_at; /* an apr_time_t; 0: never */
};

const apr_size_t lineage_size = PLACES * sizeof(lineage_place_t);

static lineage_place_t *places;

void lineage_use(void *memory)
{
    places = memory;
}

static apr_uint64_t load(const apr_uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_ACQUIRE);
}

/* Puts a number in place of a lower one. */
static void raise_to(apr_uint64_t *number, apr_uint64_t to)
{
    apr_uint64_t before = load(number);

    while (before < to
           && !__atomic_compare_exchange_n(number, &before, to, 0,
                                           __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        ;
}

/* -- places ---------------------------------------------------------------- */

/* Never 0. */
static apr_uint64_t lineage_hash(const char *text)
{
    const apr_uint64_t value = fnv1a_text(text);

    return value ? value : 1;
}

lineage_place_t *lineage_place(const char *params)
{
    apr_uint64_t name = lineage_hash(params);
    unsigned i;

    for (i = 0; places && i < PLACES; i++) {
        lineage_place_t *place = &places[(name + i) % PLACES];
        apr_uint64_t none = 0;

        if (load(&place->name) == name
            || __atomic_compare_exchange_n(&place->name, &none, name, 0,
                                           __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
            || none == name)
            return place;
    }
    return NULL;
}

/* -- lineages -------------------------------------------------------------- */

static apr_uint64_t made_at(apr_uint64_t rank)
{
    return rank >> 32;
}

static unsigned long timeline_of(apr_uint64_t rank)
{
    return (unsigned long)(rank & 0xffffffffU);
}

lineage_t lineage_of(const char *system, const char *timeline, int is_standby)
{
    lineage_t lineage = { 0, is_standby };

    if (system && timeline)
        lineage.rank = (made_at(strtoull(system, NULL, 10)) << 32)
            | (strtoul(timeline, NULL, 10) & 0xffffffffU);
    return lineage;
}

int lineage_is_behind(const lineage_place_t *place, lineage_t lineage)
{
    apr_uint64_t furthest = place ? load(&place->furthest) : 0;

    if (!lineage.rank)
        return 0;
    return lineage.is_standby ? made_at(lineage.rank) < made_at(furthest)
                              : lineage.rank < furthest;
}

static const char *day_of(apr_pool_t *pool, apr_uint64_t rank)
{
    return apr_pstrndup(pool, calendar_text(pool, (apr_int64_t)made_at(rank)),
                        sizeof("YYYY-MM-DD") - 1);
}

int lineage_admit(lineage_place_t *place, lineage_t lineage, apr_time_t now,
                  apr_pool_t *pool, const char **why)
{
    apr_uint64_t furthest;

    if (!place || !lineage.rank)
        return 1;
    if (!lineage_is_behind(place, lineage)) {
        raise_to(&place->furthest, lineage.rank);
        return 1;
    }
    furthest = load(&place->furthest);
    raise_to(&place->refused_at, (apr_uint64_t)now);
    *why = apr_psprintf(pool,
                        "it is on timeline %lu of a cluster made on %s, but "
                        "timeline %lu of one made on %s has been seen",
                        timeline_of(lineage.rank), day_of(pool, lineage.rank),
                        timeline_of(furthest), day_of(pool, furthest));
    return 0;
}

apr_time_t lineage_refused_at(const lineage_place_t *place)
{
    return place ? (apr_time_t)load(&place->refused_at) : 0;
}
