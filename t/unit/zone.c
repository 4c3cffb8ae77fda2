/* SPDX-License-Identifier: Apache-2.0
 * zone.h: local times of the system's zones. */
#include <stdlib.h>
#include <time.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "base/calendar.h"
#include "tap.h"
#include "base/zone.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static apr_pool_t *pool;

static void is_instant(const zone_t *zone, const char *local, const char *utc,
                       const char *name)
{
    apr_int64_t given = 0, want = 0, got = 0;
    int read = calendar_read(local, &given) && calendar_read(utc, &want);

    if (zone)
        got = zone_to_utc(zone, given);
    if (!ok(zone && read && got == want, "%s %s", name, local))
        printf("#   %+ld s\n", (long)(got - want));
}

/* -- the system's zones ---------------------------------------------------- */

static void test_zones(void)
{
    static const struct {
        const char *zone, *local, *utc;
    } rows[] = {
        { "UTC", "2017-07-01 00:30:00", "2017-07-01 00:30:00" },
        { "Etc/UTC", "2024-01-01 00:00:00", "2024-01-01 00:00:00" },
        { "Etc/GMT+5", "2024-01-01 00:00:00", "2024-01-01 05:00:00" },
        { "Europe/Vienna", "2017-01-20 04:04:05", "2017-01-20 03:04:05" },
        { "Europe/Vienna", "2017-07-01 00:30:00", "2017-06-30 22:30:00" },
        { "Europe/Vienna", "2018-01-01 00:30:00", "2017-12-31 23:30:00" },
        { "Europe/Vienna", "1985-07-01 12:00:00", "1985-07-01 10:00:00" },
        /* the hour that happens twice, and those around it */
        { "Europe/Vienna", "2017-10-29 01:59:59", "2017-10-28 23:59:59" },
        { "Europe/Vienna", "2017-10-29 02:00:00", "2017-10-29 00:00:00" },
        { "Europe/Vienna", "2017-10-29 02:59:59", "2017-10-29 00:59:59" },
        { "Europe/Vienna", "2017-10-29 03:00:00", "2017-10-29 02:00:00" },
        /* the hour that does not happen, and those around it */
        { "Europe/Vienna", "2017-03-26 01:59:59", "2017-03-26 00:59:59" },
        { "Europe/Vienna", "2017-03-26 02:30:00", "2017-03-26 01:30:00" },
        { "Europe/Vienna", "2017-03-26 03:00:00", "2017-03-26 01:00:00" },
        { "America/New_York", "2024-07-04 12:00:00", "2024-07-04 16:00:00" },
        { "America/New_York", "2024-11-03 01:30:00", "2024-11-03 05:30:00" },
        { "America/New_York", "2024-03-10 02:30:00", "2024-03-10 07:30:00" },
        /* summer time in January */
        { "America/New_York", "1974-01-15 12:00:00", "1974-01-15 16:00:00" },
        { "Asia/Kolkata", "2024-05-06 07:08:09", "2024-05-06 01:38:09" },
        /* a day that did not happen, across the date line */
        { "Pacific/Apia", "2011-12-29 23:59:59", "2011-12-30 09:59:59" },
        { "Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 22:00:00" },
        { "Pacific/Apia", "2011-12-31 00:00:00", "2011-12-30 10:00:00" },
        { "Africa/Casablanca", "2024-03-10 01:00:00", "2024-03-10 00:00:00" },
        { "Africa/Casablanca", "2024-04-01 12:00:00", "2024-04-01 12:00:00" },
        { "Australia/Sydney", "2024-01-15 12:00:00", "2024-01-15 01:00:00" },
        { "Australia/Sydney", "2024-07-15 12:00:00", "2024-07-15 02:00:00" },
        { "Australia/Sydney", "2024-04-07 02:30:00", "2024-04-06 15:30:00" },
        { "Australia/Lord_Howe", "2024-04-07 01:45:00", "2024-04-06 14:45:00" },
        { "Europe/Dublin", "2024-01-15 12:00:00", "2024-01-15 12:00:00" },
        { "Europe/Vienna", "2099-07-01 12:00:00", "2099-07-01 10:00:00" },
        { "Europe/Vienna", "2045-10-29 02:30:00", "2045-10-29 00:30:00" },
        { "Europe/Vienna", "9999-01-01 12:00:00", "9999-01-01 11:00:00" },
        { "Europe/Dublin", "2024-07-15 12:00:00", "2024-07-15 11:00:00" },
    };
    const char *why = NULL;
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is_instant(zone_load(pool, rows[i].zone, &why), rows[i].local,
                   rows[i].utc, rows[i].zone);
}

static void test_names(void)
{
    static const char *const names[] = {
        "",
        "Europe/Wien",
        "Europe",
        "europe/vienna ",
        "/etc/passwd",
        "/usr/share/zoneinfo/Europe/Vienna",
        "../zoneinfo/Europe/Vienna",
        "Europe/../Europe/Vienna",
        "./Europe/Vienna",
        "Europe/Vienna;",
        "tzdata.zi",
        "zone.tab",
        "Europe\\Vienna",
        "CET-1CEST",
    };
    const char *why;
    size_t i;

    for (i = 0; i < COUNT(names); i++) {
        why = NULL;
        ok(!zone_load(pool, names[i], &why) && why, "no zone \"%s\"", names[i]);
    }
    ok(zone_to_utc(NULL, 1498869000) == 1498869000, "no zone is UTC");
}

/* -- what is left behind --------------------------------------------------- */

static void test_environment(void)
{
    const char *why;

    setenv("TZ", "Asia/Kolkata", 1);
    ok(zone_load(pool, "Africa/Nairobi", &why), "a zone is read");
    is(getenv("TZ"), "Asia/Kolkata", "TZ is what it was");
    tzset();
    ok(timezone == -19800, "so is libc's zone");
    unsetenv("TZ");
    ok(zone_load(pool, "Africa/Cairo", &why) && !getenv("TZ"),
       "TZ stays absent where it was absent");
    ok(zone_load(pool, "Africa/Cairo", &why)
           == zone_load(pool, "Africa/Cairo", &why),
       "a zone is read once");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_zones();
    test_names();
    test_environment();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
