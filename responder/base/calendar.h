/* SPDX-License-Identifier: Apache-2.0
 * Days and seconds of the Gregorian calendar, before 1970 too. */
#ifndef RESPONDER_CALENDAR_H
#define RESPONDER_CALENDAR_H

#include "apr.h"

/* Seconds. */
#define CALENDAR_DAY ((apr_int64_t)86400)

int calendar_is_leap(int year);

/* Days of a year before its month (0 to 12). */
int calendar_days_before(int year, int month);

/* Days from 1970-01-01 to the first day of a year, 1 or later. */
apr_int64_t calendar_days_to(int year);

/* The year of an instant (seconds since 1970) in year 2 or later. */
int calendar_year(apr_int64_t seconds);

/* The value of so many decimal digits, which are there. */
int calendar_number(const char *text, int length);

/* Reads a wall-clock time as SQL writes it, "2017-07-01 00:30:00" with or
 * without a fraction, which is cut. Sets the seconds since 1970 that it would
 * be in UTC and returns 1; 0 when text is anything else. */
int calendar_read(const char *text, apr_int64_t *seconds);

#endif
