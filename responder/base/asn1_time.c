/* SPDX-License-Identifier: Apache-2.0 */
#include "base/asn1_time.h"

#include "apr_lib.h"

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

/* Days from 1970-01-01 to one of the years 0 to 9999. The year is taken to
 * begin in March, so that the leap day is its last. */
static apr_int64_t days_to(int year, int month, int day)
{
    const int y = year - (month <= 2) + 400; /* not negative */
    const int m = (month + 9) % 12;

    return (apr_int64_t)y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5
        + day - 1 - 719468 - 146097;
}

static int days_of(int year, int month)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };
    const int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
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
    int year, part[PARTS], i;

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
    if (part[1] > days_of(year, part[0]))
        return 0;
    *time = apr_time_from_sec(days_to(year, part[0], part[1]) * 86400
                              + part[2] * 3600 + part[3] * 60 + part[4]);
    return 1;
}
