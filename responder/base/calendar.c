/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include <string.h>
#include "apr_lib.h"

/* The calendar repeats itself. */
#define CYCLE_YEARS 400
#define CYCLE_DAYS  146097

/* From 0000-03-01, where years are counted from so that the leap day is the
 * last, to 1970-01-01. */
#define EPOCH 719468

apr_int64_t calendar_days(calendar_date_t date)
{
    apr_int64_t year = date.year - (date.month <= 2);
    int month = (date.month + 9) % 12; /* from March */

    return year * 365 + year / 4 - year / 100 + year / 400
        + (153 * month + 2) / 5 + date.day - 1 - EPOCH;
}

calendar_date_t calendar_date(apr_int64_t days)
{
    apr_int64_t cycle, year;
    calendar_date_t date;
    int day, month;

    days += EPOCH;
    cycle = (days >= 0 ? days : days - CYCLE_DAYS + 1) / CYCLE_DAYS;
    day = (int)(days - cycle * CYCLE_DAYS);
    year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= (int)(year * 365 + year / 4 - year / 100);
    month = (5 * day + 2) / 153; /* from March */
    date.day = day - (153 * month + 2) / 5 + 1;
    date.month = month < 10 ? month + 3 : month - 9;
    date.year = (int)(year + cycle * CYCLE_YEARS + (date.month <= 2));
    return date;
}

/* The value of so many decimal digits, which are there. */
static int number(const char *text, int length)
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

static int exists(calendar_date_t date)
{
    calendar_date_t same = calendar_date(calendar_days(date));

    return date.year >= 1 && date.month >= 1 && date.month <= 12
        && same.month == date.month && same.day == date.day;
}

int calendar_read(const char *text, apr_int64_t *seconds)
{
    static const char shape[] = "9999-99-99 99:99:99";
    const char *rest = text + strlen(shape);
    calendar_date_t date;
    int hour, minute, second;

    if (!has_shape(text, shape))
        return 0;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    date.year = number(text, 4);
    date.month = number(text + 5, 2);
    date.day = number(text + 8, 2);
    hour = number(text + 11, 2);
    minute = number(text + 14, 2);
    second = number(text + 17, 2);
    if (*rest || !exists(date) || hour > 23 || minute > 59 || second > 59)
        return 0;
    *seconds =
        calendar_days(date) * CALENDAR_DAY + hour * 3600 + minute * 60 + second;
    return 1;
}
