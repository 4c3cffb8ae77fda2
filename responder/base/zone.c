/* SPDX-License-Identifier: Apache-2.0 */
/* glibc has a time_t of 64 bits for 32-bit CPUs, too, where it is asked for. */
#ifndef _TIME_BITS
#define _TIME_BITS 64
#undef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "apr_strings.h"
#include "apr_tables.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

/* libc converts times of one zone only, that of TZ, which no thread may change:
 * so what requests need is put into a table before. Where clocks are looked at,
 * as libc has no list of their changes: they do not go back to what they were
 * within a week. */
#define FIRST 0 /* 1970 */
#define STEP  (7 * 86400)
#define LAST  (sizeof(time_t) > 4 ? (apr_int64_t)4102444800 : 0x7FFFFFFF - STEP)

/* From an instant on, local time is UTC + offset. */
typedef struct {
    apr_int64_t from;
    apr_int64_t offset;
} period_t;

struct zone_t {
    apr_array_header_t *periods; /* period_t, in order; the first has no
                                  * beginning. NULL: UTC */
};

/* -- what libc knows ------------------------------------------------------- */

static apr_int64_t offset_at(apr_int64_t instant)
{
    time_t seconds = (time_t)instant;
    struct tm tm;

    return localtime_r(&seconds, &tm)->tm_gmtoff;
}

/* The first instant behind from, but not behind to, that has to's offset. */
static period_t find_change(apr_int64_t from, apr_int64_t to)
{
    const apr_int64_t offset = offset_at(to);

    while (to - from > 1) {
        apr_int64_t middle = from + (to - from) / 2;

        if (offset_at(middle) == offset)
            to = middle;
        else
            from = middle;
    }
    return (period_t){ to, offset };
}

static zone_t *list_periods(apr_pool_t *pool)
{
    zone_t *zone = apr_palloc(pool, sizeof(*zone));
    period_t *last;
    apr_int64_t at;

    zone->periods = apr_array_make(pool, 8, sizeof(*last));
    last = apr_array_push(zone->periods);
    *last = (period_t){ APR_INT64_MIN / 2, offset_at(FIRST) };
    for (at = FIRST + STEP; at <= LAST; at += STEP) {
        if (offset_at(at) == last->offset)
            continue;
        last = apr_array_push(zone->periods);
        *last = find_change(at - STEP, at);
    }
    return zone;
}

static zone_t *read_zone(apr_pool_t *pool, const char *path)
{
    const char *before = apr_pstrdup(pool, getenv("TZ"));
    zone_t *zone;

    setenv("TZ", apr_pstrcat(pool, ":", path, NULL), 1);
    tzset();
    zone = list_periods(pool);
    if (before)
        setenv("TZ", before, 1);
    else
        unsetenv("TZ");
    tzset();
    return zone;
}

/* libc takes UTC in place of a file that is none. */
static int is_zone_file(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "rb");
    apr_size_t length = file ? fread(magic, 1, sizeof(magic), file) : 0;

    if (file)
        fclose(file);
    return length == sizeof(magic) && memcmp(magic, "TZif", length) == 0;
}

/* -- zones ----------------------------------------------------------------- */

const zone_t *zone_load(apr_pool_t *pool, const char *name, const char **why)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789_+-/";
    const char *path = apr_pstrcat(pool, ZONE_FOLDER, name, NULL);
    void *zone = NULL;

    apr_pool_userdata_get(&zone, path, pool);
    if (zone)
        return zone;
    if (strcmp(name, "UTC") == 0)
        return apr_pcalloc(pool, sizeof(zone_t));
    *why = "it is neither UTC nor a zone that this system knows, like "
           "Europe/Vienna";
    if (!*name || *name == '/' || name[strspn(name, safe)]
        || !is_zone_file(path))
        return NULL;
    zone = read_zone(pool, path);
    apr_pool_userdata_set(zone, path, apr_pool_cleanup_null, pool);
    return zone;
}

apr_int64_t zone_to_utc(const zone_t *zone, apr_int64_t local)
{
    const period_t *first, *period, *last;

    if (!zone || !zone->periods)
        return local;
    first = period = (const period_t *)zone->periods->elts;
    last = first + zone->periods->nelts - 1;
    while (period < last && local - period->offset >= period[1].from)
        period++;
    /* Too early for this one's clock, too late for the one before: skipped. */
    if (period > first && local - period->offset < period->from)
        period--;
    return local - period->offset;
}
