/* SPDX-License-Identifier: Apache-2.0 */
#include "base/asn1_time.h"

#include "apr_lib.h"
#include "base/calendar.h"

/* Parts of two digits behind the year: month, day, hour, minute, second. */
#define PARTS (CALENDAR_PARTS - 1)

/* The value of so many digits, which are there. */
static int number(const char *text, int length)
{
    int value = 0;

    while (length-- > 0)
        value = value * 10 + *text++ - '0';
    return value;
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
    const int digits = year_digits(text, length);
    int part[CALENDAR_PARTS], i;
    apr_int64_t seconds;

    if (!digits)
        return 0;
    part[0] = number(text, digits);
    if (digits == 2)
        part[0] += part[0] < 50 ? 2000 : 1900;
    for (i = 0; i < PARTS; i++)
        part[i + 1] = number(text + digits + 2 * i, 2);
    if (!calendar_instant(part, &seconds))
        return 0;
    *time = apr_time_from_sec(seconds);
    return 1;
}
