/* SPDX-License-Identifier: Apache-2.0
 * zone.h: local times of the system's zones, and of files made by hand. */
#include <apr_file_info.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "base/calendar.h"
#include "tap.h"
#include "tzif.h"
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
        /* local mean time */
        { "Europe/Vienna", "1893-01-01 12:00:00", "1893-01-01 10:54:39" },
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

/* -- files made by hand ---------------------------------------------------- */

static void test_rules(void)
{
    static const char vienna[] = "CET-1CEST,M3.5.0,M10.5.0/3";
    static const char sydney[] = "AEST-10AEDT,M10.1.0,M4.1.0/3";
    static const struct {
        const char *rule, *local, *utc;
    } rows[] = {
        { vienna, "1969-06-01 00:00:00", "1969-06-01 00:00:00" },
        { vienna, "1970-01-02 12:00:00", "1970-01-02 11:00:00" },
        { vienna, "2045-01-31 12:00:00", "2045-01-31 11:00:00" },
        { vienna, "2045-07-01 12:00:00", "2045-07-01 10:00:00" },
        { vienna, "2045-03-26 02:30:00", "2045-03-26 01:30:00" },
        { vienna, "2045-03-26 03:00:00", "2045-03-26 01:00:00" },
        { vienna, "2045-10-29 02:30:00", "2045-10-29 00:30:00" },
        { vienna, "2045-10-29 03:00:00", "2045-10-29 02:00:00" },
        { vienna, "2369-07-01 12:00:00", "2369-07-01 10:00:00" },
        { vienna, "2370-07-01 12:00:00", "2370-07-01 10:00:00" },
        { vienna, "2371-07-01 12:00:00", "2371-07-01 10:00:00" },
        { vienna, "2372-01-01 12:00:00", "2372-01-01 11:00:00" },
        { vienna, "9999-07-01 12:00:00", "9999-07-01 10:00:00" },
        { sydney, "2045-01-15 12:00:00", "2045-01-15 01:00:00" },
        { sydney, "2045-07-15 12:00:00", "2045-07-15 02:00:00" },
        { sydney, "2045-04-02 02:30:00", "2045-04-01 15:30:00" },
        { sydney, "2046-01-01 00:00:00", "2045-12-31 13:00:00" },
        { "IST-1GMT0,M10.5.0,M3.5.0/1", "2045-01-15 12:00:00",
          "2045-01-15 12:00:00" },
        { "IST-1GMT0,M10.5.0,M3.5.0/1", "2045-07-15 12:00:00",
          "2045-07-15 11:00:00" },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-03-30 23:30:00",
          "2030-03-31 01:30:00" },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-03-31 00:00:00",
          "2030-03-31 01:00:00" },
        { "<+0530>-5:30", "2045-01-01 05:30:00", "2045-01-01 00:00:00" },
        { "XXX1:02:03", "2045-01-01 00:00:00", "2045-01-01 01:02:03" },
        /* 1 March by J60; day 59 is 29 February in a leap year */
        { "AAA0BBB,J60/0,J300/0", "2044-02-29 23:59:59",
          "2044-02-29 23:59:59" },
        { "AAA0BBB,J60/0,J300/0", "2044-03-01 01:00:00",
          "2044-03-01 00:00:00" },
        { "AAA0BBB,59/0,299/0", "2044-02-29 01:00:00", "2044-02-29 00:00:00" },
        { "AAA0BBB,59/0,299/0", "2045-03-01 01:00:00", "2045-03-01 00:00:00" },
        { "AAA0BBB,M2.4.4/167,M11.1.0", "2024-02-28 23:30:00",
          "2024-02-28 23:30:00" },
        { "", "2045-01-01 12:00:00", "2045-01-01 11:00:00" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is_instant(tzif_zone(pool, rows[i].rule), rows[i].local, rows[i].utc,
                   *rows[i].rule ? rows[i].rule : "no rule");
}

static void test_bad_rules(void)
{
    static const char *const rules[] = {
        "CET",
        "-1",
        "C-1",
        "<CET-1",
        "CET-",
        "CET-1CEST,",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,",
        "CET-1CEST,M3.5.0,M10.5",
        "CET-1CEST,M0.5.0,M10.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J300",
        "CET-1CEST,J366,J1",
        "CET-1CEST,366,1",
        "CET-1CEST,M3.5.0/,M10.5.0",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3x",
        "CET-1:60",
        "CET-1:00:00:00",
        "CET-1CEST,X3,M10.5.0",
        "CET-99999999999999999999",
    };
    size_t i;

    for (i = 0; i < COUNT(rules); i++)
        ok(!tzif_zone(pool, rules[i]), "no rule \"%s\"", rules[i]);
}

/* Cut anywhere, or with any octet changed, a file is read within its bounds:
 * the sanitizers look on. */
static void test_bad_files(void)
{
    char file[200], damaged[200];
    apr_size_t length = tzif_file(file, 86400, "\nCET-1\n"), i;
    const char *why = NULL;
    int cut = 0;

    ok(zone_parse(pool, (unsigned char *)file, length, &why) != NULL, "whole");
    for (i = 0; i < length; i++) {
        unsigned char *exact = apr_pmemdup(pool, file, i + 1);

        cut += zone_parse(pool, exact, i, &why) != NULL;
        memcpy(damaged, file, length);
        damaged[i] = (char)0xFF;
        zone_parse(pool, (unsigned char *)damaged, length, &why);
    }
    ok(cut == 0, "cut it is no zone");
    ok(why != NULL, "and says so");
    length = tzif_file(file, APR_INT64_MAX, "\nCET-1CEST,M3.5.0,M10.5.0\n");
    ok(!zone_parse(pool, (unsigned char *)file, length, &why),
       "a change at the end of time");
    length =
        tzif_file(file, (apr_int64_t)1 << 60, "\nCET-1CEST,M3.5.0,M10.5.0\n");
    ok(!zone_parse(pool, (unsigned char *)file, length, &why),
       "a rule behind it");
}

/* Version 1 has four octets a time, and no footer. */
static void test_version_1(void)
{
    char file[200], *to = tzif_header(file, '\0', 2, 2);
    const char *why;
    const zone_t *zone;

    to = tzif_put(tzif_put(to, 86400, 4), 172800, 4);
    to = tzif_put(tzif_put(to, 1, 1), 0, 1);
    to = tzif_type(tzif_type(to, 0), -7200);
    memcpy(to, "LMT", 4);
    zone = zone_parse(pool, (unsigned char *)file, (apr_size_t)(to + 4 - file),
                      &why);
    is_instant(zone, "1970-01-01 12:00:00", "1970-01-01 12:00:00", "before");
    is_instant(zone, "1970-01-02 12:00:00", "1970-01-02 14:00:00", "between");
    is_instant(zone, "1970-01-03 12:00:00", "1970-01-03 12:00:00", "after");
}

int main(void)
{
    apr_finfo_t info;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (apr_stat(&info, "/usr/share/zoneinfo/Europe/Vienna", APR_FINFO_TYPE,
                 pool)
        == APR_SUCCESS)
        test_zones();
    else
        ok(1, "the system's zones # SKIP no tzdata");
    test_names();
    test_rules();
    test_bad_rules();
    test_bad_files();
    test_version_1();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
