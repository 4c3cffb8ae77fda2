/* SPDX-License-Identifier: Apache-2.0
 * Days of the Gregorian calendar, before 1970 and after 2038 too, whatever the
 * size of time_t. */
#ifndef RESPONDER_CALENDAR_H
#define RESPONDER_CALENDAR_H

#include "apr_time.h"

#define CALENDAR_DAY ((apr_int64_t)86400) /* seconds */

/* The first and the last instant that has a date, in seconds since 1970: the
 * last is what never ends (99991231235959Z, RFC 5280 §4.1.2.5). */
#define CALENDAR_FIRST APR_INT64_C(-62135596800)
#define CALENDAR_LAST  APR_INT64_C(253402300799)

typedef struct {
    int year; /* 1 to 9999 */
    int month, day;
} calendar_date_t;

/* Days from 1970-01-01 to a date, of which month and day need not exist (30
 * February is 1 or 2 March). */
apr_int64_t calendar_days(calendar_date_t date);

/* The date so many days from 1970-01-01. The year is below 1 or above 9999
 * where it would be. */
calendar_date_t calendar_date(apr_int64_t days);

/* Year (0 to 9999), month, day, hour, minute and second. */
#define CALENDAR_PARTS 6

/* Sets the seconds since 1970 of such a time in UTC and returns 1; 0 if there
 * is no such time. */
int calendar_instant(const int part[CALENDAR_PARTS], apr_int64_t *seconds);

/* Sets the parts of such a time from the seconds since 1970, in UTC: the
 * inverse of calendar_instant(). The year is as calendar_date() has it. APR's
 * own (apr_time_exp_gmt) is wrong after 2038 where time_t has 32 bits. */
void calendar_parts(int part[CALENDAR_PARTS], apr_int64_t seconds);

/* "Thu, 31 Dec 9999 23:59:59 GMT", in the pool: as HTTP and mail write it (RFC
 * 9110 §5.6.7), of the years 1 to 9999. */
const char *calendar_http_date(apr_pool_t *pool, apr_time_t time);

/* "9999-12-31 23:59:59", in the pool: as SQL and people write seconds since
 * 1970 UTC, of the years 0 to 9999. */
char *calendar_text(apr_pool_t *pool, apr_int64_t seconds);

/* Reads a wall-clock time as SQL writes it, "2017-07-01 00:30:00" with or
 * without a fraction, which is cut. Sets the seconds since 1970 that it would
 * be in UTC and returns 1; 0 if text is anything else. */
int calendar_read(const char *text, apr_int64_t *seconds);

#endif
