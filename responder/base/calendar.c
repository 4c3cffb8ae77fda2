/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include <string.h>
#include "apr_lib.h"
#include "apr_strings.h"

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

int calendar_instant(const int part[CALENDAR_PARTS], apr_int64_t *seconds)
{
    static const int least[] = { 0, 1, 1, 0, 0, 0 };
    static const int most[] = { 9999, 12, 31, 23, 59, 59 };
    /* A cycle later no year is negative. */
    const calendar_date_t date = { part[0] + CYCLE_YEARS, part[1], part[2] };
    apr_int64_t days;
    int i;

    for (i = 0; i < CALENDAR_PARTS; i++) {
        if (part[i] < least[i] || part[i] > most[i])
            return 0;
    }
    days = calendar_days(date);
    if (calendar_date(days).day != date.day)
        return 0;
    *seconds = (days - CYCLE_DAYS) * CALENDAR_DAY + part[3] * 3600
        + part[4] * 60 + part[5];
    return 1;
}

void calendar_parts(int part[CALENDAR_PARTS], apr_int64_t seconds)
{
    apr_int64_t days = seconds / CALENDAR_DAY;
    int rest = (int)(seconds % CALENDAR_DAY);
    calendar_date_t date;

    if (rest < 0) {
        days--;
        rest += CALENDAR_DAY;
    }
    date = calendar_date(days);
    part[0] = date.year;
    part[1] = date.month;
    part[2] = date.day;
    part[3] = rest / 3600;
    part[4] = rest / 60 % 60;
    part[5] = rest % 60;
}

static char *put_number(char *to, int number, int digits)
{
    int i;

    for (i = digits; i > 0; i--, number /= 10)
        to[i - 1] = (char)('0' + number % 10);
    return to + digits;
}

/* apr_psprintf() takes six times as long. */
const char *calendar_http_date(apr_pool_t *pool, apr_time_t time)
{
    char *text = apr_pstrdup(pool, "Thu, 01 Jan 1970 00:00:00 GMT");
    int part[CALENDAR_PARTS];
    apr_int64_t days;

    calendar_parts(part, apr_time_sec(time));
    days = calendar_days((calendar_date_t){ part[0], part[1], part[2] });
    /* 1970-01-01 was a Thursday, the fourth from Sunday. */
    memcpy(text, apr_day_snames[((days + 4) % 7 + 7) % 7], 3);
    put_number(text + 5, part[2], 2);
    memcpy(text + 8, apr_month_snames[part[1] - 1], 3);
    put_number(text + 12, part[0], 4);
    put_number(text + 17, part[3], 2);
    put_number(text + 20, part[4], 2);
    put_number(text + 23, part[5], 2);
    return text;
}

/* apr_psprintf() takes three times as long. */
char *calendar_text(apr_pool_t *pool, apr_int64_t seconds)
{
    static const char behind[CALENDAR_PARTS] = "-- ::";
    char *text = apr_palloc(pool, sizeof("9999-12-31 23:59:59")), *to = text;
    int part[CALENDAR_PARTS], i;

    calendar_parts(part, seconds);
    for (i = 0; i < CALENDAR_PARTS; i++) {
        to = put_number(to, part[i], i == 0 ? 4 : 2);
        *to++ = behind[i];
    }
    return text;
}

int calendar_read(const char *text, apr_int64_t *seconds)
{
    static const char shape[] = "9999-99-99 99:99:99";
    int part[CALENDAR_PARTS] = { 0 }, i, nth = 0;

    for (i = 0; shape[i]; i++) {
        if (shape[i] == '9' ? !apr_isdigit(text[i]) : text[i] != shape[i])
            return 0;
        if (shape[i] == '9')
            part[nth] = part[nth] * 10 + text[i] - '0';
        else
            nth++;
    }
    text += i;
    if (*text == '.')
        text += 1 + strspn(text + 1, "0123456789");
    return !*text && part[0] >= 1 && calendar_instant(part, seconds);
}
