/* SPDX-License-Identifier: Apache-2.0
 * base/asn1_time.h: ASN.1's times, compared with libc's calendar. */
#include <time.h>

#include "base/asn1_time.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define UNTOUCHED    APR_INT64_C(-4711)

static apr_time_t read_time(const char *text)
{
    apr_time_t time = UNTOUCHED;
    const int read = asn1_time_read(text, strlen(text), &time);

    return read == (time != UNTOUCHED) ? time : -1;
}

static void test_times(void)
{
    static const struct {
        const char *text;
        apr_int64_t seconds;
    } rows[] = {
        { "700101000000Z", 0 },
        { "991231235959Z", 946684799 },
        { "000101000000Z", 946684800 },
        { "491231235959Z", 2524607999 },
        { "500101000000Z", -631152000 },
        { "20500101000000Z", 2524608000 },
        { "20240102030405Z", 1704164645 },
        { "20240102030405.5Z", 1704164645 },
        { "20240102030405.123456Z", 1704164645 },
        { "20240229000000Z", 1709164800 },
        { "20000229000000Z", 951782400 },
        { "00010101000000Z", -62135596800 },
        { "00000301000000Z", -62162035200 },
        { "99991231235959Z", 253402300799 },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        ok(read_time(rows[i].text) == apr_time_from_sec(rows[i].seconds), "%s",
           rows[i].text);
}

static void test_others(void)
{
    static const char *const rows[] = {
        "",
        "Z",
        "240102030405",
        "2401020304Z",
        "240102030405.5Z",
        "240102030405+0000",
        "240102030405ZZ",
        "240102030405Z ",
        "20240102030405",
        "20240102030405.Z",
        "20240102030405.5",
        "20240102030405,5Z",
        "0240102030405Z",
        "2024010203040Z",
        "20240002030405Z",
        "20241302030405Z",
        "20240100030405Z",
        "20240132030405Z",
        "20230229000000Z",
        "19000229000000Z",
        "20240102240405Z",
        "20240102036005Z",
        "20240102030460Z",
        "2024O102030405Z",
        "-0240102030405Z",
        "202401020304 5Z",
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        ok(read_time(rows[i]) == UNTOUCHED, "not a time: %s", rows[i]);
    ok(read_time("240102030405Z") != UNTOUCHED, "but this is one");
}

/* Every day of the years 1 to 9999 follows the one before. */
static void test_days(void)
{
    apr_time_t before = read_time("00001231000000Z"), now;
    int year, month, day, wrong = 0, days = 0;
    char text[64];

    for (year = 1; year <= 9999; year++) {
        for (month = 1; month <= 12; month++) {
            for (day = 1; day <= 31; day++) {
                snprintf(text, sizeof(text), "%04d%02d%02d000000Z", year, month,
                         day);
                now = read_time(text);
                if (now == UNTOUCHED)
                    continue;
                wrong += now - before != apr_time_from_sec(86400);
                before = now;
                days++;
            }
        }
    }
    ok(wrong == 0, "each day follows the one before");
    ok(days == 3652059, "and none is missing");
}

static void test_libc(void)
{
    int wrong = 0;
    time_t seconds;
    char text[64];

    for (seconds = 0; seconds < 2147000000; seconds += 1234567) {
        struct tm at;

        gmtime_r(&seconds, &at);
        strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &at);
        wrong += read_time(text) != apr_time_from_sec(seconds);
    }
    ok(wrong == 0, "libc's calendar says the same");
}

int main(void)
{
    test_times();
    test_others();
    test_days();
    test_libc();
    return done_testing();
}
