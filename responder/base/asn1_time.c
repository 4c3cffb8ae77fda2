/* SPDX-License-Identifier: Apache-2.0 */
#include "base/asn1_time.h"

#include "apr_lib.h"
#include "base/calendar.h"

/* Digits of the parts behind the year: month, day, hour, minute, second. */
#define PARTS 5

/* The value of so many digits; -1 when they are not. */
static int number(const char *text, int length)
{
    int value = 0;

    for (; length > 0; length--, text++) {
        if (!apr_isdigit(*text))
            return -1;
        value = value * 10 + *text - '0';
    }
    return value;
}

/* Days from 1970-01-01 to a date of the years 0 to 9999; 0 in *exists if there
 * is no such day. A cycle of the calendar later, the year is not negative. */
static apr_int64_t days_to(int year, int month, int day, int *exists)
{
    const calendar_date_t date = { year + 400, month, day };
    const apr_int64_t days = calendar_days(date);

    *exists = calendar_date(days).day == day;
    return days - 146097;
}

/* What follows the seconds: "Z", with a fraction before it where the year has
 * four digits. */
static int ends_well(const char *rest, apr_size_t length, int digits)
{
    if (digits == 4 && length > 2 && *rest == '.') {
        do {
            rest++;
            length--;
        } while (length > 1 && apr_isdigit(*rest));
    }
    return length == 1 && *rest == 'Z';
}

/* Digits of the year; 0 when the text is no time. */
static int year_digits(const char *text, apr_size_t length)
{
    apr_size_t digits = 0;

    while (digits < length && apr_isdigit(text[digits]))
        digits++;
    if (digits != 2 + 2 * PARTS && digits != 4 + 2 * PARTS)
        return 0;
    return ends_well(text + digits, length - digits, (int)digits - 2 * PARTS)
        ? (int)digits - 2 * PARTS
        : 0;
}

int asn1_time_read(const char *text, apr_size_t length, apr_time_t *time)
{
    static const int least[PARTS] = { 1, 1, 0, 0, 0 };
    static const int most[PARTS] = { 12, 31, 23, 59, 59 };
    const int digits = year_digits(text, length);
    int year, part[PARTS], exists, i;
    apr_int64_t days;

    if (!digits)
        return 0;
    year = number(text, digits);
    if (digits == 2)
        year += year < 50 ? 2000 : 1900;
    for (i = 0; i < PARTS; i++) {
        part[i] = number(text + digits + 2 * i, 2);
        if (part[i] < least[i] || part[i] > most[i])
            return 0;
    }
    days = days_to(year, part[0], part[1], &exists);
    if (!exists)
        return 0;
    *time = apr_time_from_sec(days * CALENDAR_DAY + part[2] * 3600
                              + part[3] * 60 + part[4]);
    return 1;
}
