/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include <string.h>
#include "apr_lib.h"

int calendar_is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int calendar_days_before(int year, int month)
{
    static const int days[] = { 0,   31,  59,  90,  120, 151, 181,
                                212, 243, 273, 304, 334, 365 };

    return days[month] + (month > 1 && calendar_is_leap(year));
}

apr_int64_t calendar_days_to(int year)
{
    apr_int64_t before = year - 1;

    return before * 365 + before / 4 - before / 100 + before / 400 - 719162;
}

int calendar_year(apr_int64_t seconds)
{
    /* Too small by a few, by the leap days left out and by the rounding. */
    int year = (int)(1970 + seconds / (366 * CALENDAR_DAY)) - 1;

    if (seconds < 0)
        year = (int)(1970 + seconds / (365 * CALENDAR_DAY)) - 2;
    while (calendar_days_to(year + 1) * CALENDAR_DAY <= seconds)
        year++;
    return year;
}

int calendar_number(const char *text, int length)
{
    int value = 0;

    while (length-- > 0)
        value = value * 10 + *text++ - '0';
    return value;
}

/* The text has this shape from its beginning; '9' is any digit. */
static int has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++) {
        if (*shape == '9' ? !apr_isdigit(*text) : *text != *shape)
            return 0;
    }
    return 1;
}

static int is_day(int year, int month, int day)
{
    return year >= 1 && month >= 1 && month <= 12 && day >= 1
        && day <= calendar_days_before(year, month)
            - calendar_days_before(year, month - 1);
}

int calendar_read(const char *text, apr_int64_t *seconds)
{
    static const char shape[] = "9999-99-99 99:99:99";
    const char *rest = text + strlen(shape);
    int year, month, day, hour, minute, second;

    if (!has_shape(text, shape))
        return 0;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    year = calendar_number(text, 4);
    month = calendar_number(text + 5, 2);
    day = calendar_number(text + 8, 2);
    hour = calendar_number(text + 11, 2);
    minute = calendar_number(text + 14, 2);
    second = calendar_number(text + 17, 2);
    if (*rest || !is_day(year, month, day) || hour > 23 || minute > 59
        || second > 59)
        return 0;
    *seconds = (calendar_days_to(year) + calendar_days_before(year, month - 1)
                + day - 1)
            * CALENDAR_DAY
        + hour * 3600 + minute * 60 + second;
    return 1;
}
