/* SPDX-License-Identifier: Apache-2.0
 * calendar.h: times as SQL writes them, and the days under them. */
#include "apr_general.h"
#include "base/calendar.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void test_read(void)
{
    static const struct {
        const char *text;
        apr_int64_t seconds;
    } rows[] = {
        { "1970-01-01 00:00:00", 0 },
        { "1970-01-01 00:00:00.000001", 0 },
        { "2017-07-01 00:30:00.674688", 1498869000 },
        { "2017-07-01 00:30:00", 1498869000 },
        { "2017-07-01 00:30:00.", 1498869000 },
        { "2023-12-31 23:59:59.999999", 1704067199 }, /* cut, not rounded */
        { "2024-02-29 12:00:00", 1709208000 },
        { "2000-02-29 00:00:00", 951782400 },
        { "2000-03-01 00:00:00", 951868800 },
        { "2038-01-19 03:14:08", 2147483648LL },
        { "9999-12-31 23:59:59", 253402300799LL },
        { "1969-12-31 23:59:59.5", -1 },
        { "1900-03-01 00:00:00", -2203891200LL },
        { "0001-01-01 00:00:00", -62135596800LL },
    };
    apr_int64_t seconds;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        seconds = 12345;
        ok(calendar_read(rows[i].text, &seconds) && seconds == rows[i].seconds,
           "%s", rows[i].text);
    }
}

static void test_refused(void)
{
    static const char *const texts[] = {
        "",
        "now",
        "0",
        "1498869000",
        "2457000.5",
        "infinity",
        "-infinity",
        "0000-00-00 00:00:00",
        "0000-01-01 00:00:00",
        "2017-00-01 00:00:00",
        "2017-13-01 00:00:00",
        "2017-01-00 00:00:00",
        "2017-01-32 00:00:00",
        "2017-04-31 00:00:00",
        "2017-02-29 00:00:00",
        "1900-02-29 00:00:00",
        "2017-01-01 24:00:00",
        "2017-01-01 00:60:00",
        "2017-01-01 00:00:60",
        "2017-01-01",
        "2017-01-01 00:00",
        "2017-1-1 00:00:00",
        "17-01-01 00:00:00",
        "10000-01-01 00:00:00",
        " 2017-01-01 00:00:00",
        "2017-01-01 00:00:00 ",
        "2017-01-01 00:00:00Z",
        "2017-01-01 00:00:00+02:00",
        "2017-01-01 00:00:00.5+02:00",
        "2017-01-01T00:00:00",
        "2017-01-01 00:00:00 BC",
        "+017-01-01 00:00:00",
        "2017-01-01 -1:00:00",
        "\xFF",
    };
    apr_int64_t seconds;
    size_t i;

    for (i = 0; i < COUNT(texts); i++)
        ok(!calendar_read(texts[i], &seconds), "not \"%s\"", texts[i]);
}

/* Each day follows the one before it. */
static void test_dates(void)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31 };
    calendar_date_t date = { 1, 1, 1 };
    apr_int64_t days = calendar_days(date);
    int wrong = 0;

    ok(days == -719162, "the first day");
    for (; date.year <= 9999; days++) {
        calendar_date_t same = calendar_date(days);
        int leap = date.year % (date.year % 100 ? 4 : 400) == 0;

        wrong += same.year != date.year || same.month != date.month
            || same.day != date.day || calendar_days(date) != days;
        if (++date.day > lengths[date.month - 1] + (leap && date.month == 2)) {
            date.day = 1;
            date.month = date.month % 12 + 1;
            date.year += date.month == 1;
        }
    }
    ok(!wrong, "every day of the years 1 to 9999 (%d wrong)", wrong);
    ok(days == 2932897, "the day behind the last");
    ok(calendar_date(days).year == 10000, "is of the year 10000");
    ok(calendar_date(-719163).year == 0, "the day before the first, of none");
}

/* The same where time_t has 32 bits. */
static void test_http_dates(apr_pool_t *pool)
{
    static const struct {
        const char *text;
        apr_int64_t seconds;
    } rows[] = {
        { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
        { "Wed, 31 Dec 1969 23:59:59 GMT", -1 },
        { "Sat, 01 Jul 2017 00:30:00 GMT", 1498869000 },
        { "Tue, 19 Jan 2038 03:14:08 GMT", 2147483648LL },
        { "Thu, 30 Dec 2049 05:06:07 GMT", 2524453567LL },
        { "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799LL },
        { "Thu, 01 Mar 1900 00:00:00 GMT", -2203891200LL },
        { "Mon, 01 Jan 0001 00:00:00 GMT", -62135596800LL },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const char *text =
            calendar_http_date(pool, apr_time_from_sec(rows[i].seconds));

        ok(strcmp(text, rows[i].text) == 0, "%s", text);
    }
}

static void test_text(apr_pool_t *pool)
{
    static const char *const texts[] = {
        "1970-01-01 00:00:00", "2017-07-01 00:30:00", "2038-01-19 03:14:08",
        "9999-12-31 23:59:59", "0001-01-01 00:00:00"
    };
    apr_int64_t seconds;
    size_t i;

    for (i = 0; i < COUNT(texts); i++)
        ok(calendar_read(texts[i], &seconds)
               && strcmp(calendar_text(pool, seconds), texts[i]) == 0,
           "%s is written as it was read", texts[i]);
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_http_dates(pool);
    test_text(pool);
    test_read();
    test_refused();
    test_dates();
    return done_testing();
}
