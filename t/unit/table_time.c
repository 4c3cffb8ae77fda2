/* SPDX-License-Identifier: Apache-2.0
 * Times as tables have them: what source/table/table_value reads. */
#include "tap.h"

#include "source/table/table_value.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

int main(void)
{
    static const struct {
        table_time_t form;
        const char *text;
        apr_int64_t seconds; /* -1: none */
    } rows[] = {
        { TABLE_TIME_SECONDS, "1700000000", 1700000000 },
        { TABLE_TIME_SECONDS, "-5", -5 },
        { TABLE_TIME_SECONDS, "17e8", -1 },
        { TABLE_TIME_SECONDS, "", -1 },
        { TABLE_TIME_SECONDS, "999999999999", -1 },
        { TABLE_TIME_SECONDS, "99999999999999999999999", -1 },
        { TABLE_TIME_MILLISECONDS, "1700000000999", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "1700000000", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "1700000000.000000", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 22:13:20", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14T22:13:20Z", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 22:13:20 UTC", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 23:13:20.123+01:00", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 23:13:20+01", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14T17:43:20-0430", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-15T22:12:20+23:59", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-15 22:13:20+24", -1 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 23:13:20+00:60", -1 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 22:13:20 CET", -1 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 23:13:20 +01:00", 1700000000 },
        { TABLE_TIME_DATETIME, "2023-11-14 23:13:20.5 +0100 CET", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 19:13:20 -0300 -03", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 23:13:20+01:00 ", 1700000000 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 23:13:20+01:00 a,b", -1 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14 22:13:20  Z", -1 },
        { TABLE_TIME_TIMESTAMP, "0000-00-00 00:00:00", 0 },
        { TABLE_TIME_DATETIME, "0000-00-00", 0 },
        { TABLE_TIME_TIMESTAMP, "2023-11-14", -1 },
        { TABLE_TIME_TIMESTAMP, "2023-13-14 22:13:20", -1 },
        { TABLE_TIME_TIMESTAMP, "now", -1 },
        { TABLE_TIME_DATETIME, "2023-11-14 22:13:20", 1700000000 },
        { TABLE_TIME_ASN1, "20231114221320Z", 1700000000 },
        { TABLE_TIME_ASN1, "2023-11-14 22:13:20", -1 },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_time_t time = -apr_time_from_sec(1);
        const int read =
            table_value_time(rows[i].text, rows[i].form, NULL, &time);

        ok(read == (rows[i].seconds != -1)
               && time == apr_time_from_sec(rows[i].seconds),
           "time %s", rows[i].text);
    }
    return done_testing();
}
