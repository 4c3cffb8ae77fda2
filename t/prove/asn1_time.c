/* SPDX-License-Identifier: Apache-2.0
 * asn1_time_read(): any text of up to 17 bytes is read within its bounds, and
 * what is taken has all its digits, of which each part gets its own. What the
 * calendar makes of the parts is taken to be anything here: calendar.c has
 * that. */
#include "prove.h"
#include "base/asn1_time.h"
#include "base/calendar.h"

static int parts[CALENDAR_PARTS];

int calendar_instant(const int part[CALENDAR_PARTS], apr_int64_t *seconds)
{
    int i;

    for (i = 0; i < CALENDAR_PARTS; i++)
        parts[i] = part[i];
    *seconds = 0;
    return nondet_int() != 0;
}

static int two(const unsigned char *digits)
{
    return (digits[0] - '0') * 10 + digits[1] - '0';
}

/* unwind: 20
 * each: 17
 * with: responder/base/asn1_time.c */
int main(void)
{
    const bytes_t text = any_bytes_of(LENGTH);
    apr_time_t time = -1;
    apr_size_t i, year;

    if (!asn1_time_read((const char *)text.data, text.len, &time)) {
        PROVED(time == -1, "what is refused sets nothing");
        return 0;
    }
    PROVED(text.len >= 13 && text.data[text.len - 1] == 'Z', "its end");
    for (i = 0; i < 12; i++)
        PROVED(text.data[i] >= '0' && text.data[i] <= '9', "its digits");
    year = text.len == 13 ? 2 : 4;
    PROVED(parts[0] >= (year == 2 ? 1950 : 0)
               && parts[0] <= (year == 2 ? 2049 : 9999),
           "its year");
    for (i = 0; i + 1 < CALENDAR_PARTS; i++)
        PROVED(parts[i + 1] == two(text.data + year + 2 * i), "its parts");
    return 0;
}
