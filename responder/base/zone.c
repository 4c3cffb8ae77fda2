/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <string.h>
#include "apr_file_io.h"
#include "apr_lib.h"
#include "apr_strings.h"

#include "base/calendar.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

/* Real files have less than 4 KiB. */
#define MAX_FILE 65536

/* The calendar, weekdays included, repeats after this many years. */
#define CYCLE_YEARS   400
#define CYCLE_SECONDS ((apr_int64_t)146097 * CALENDAR_DAY)

/* No file has a last change of the clocks a thousand years from 1970. */
#define TOO_FAR ((apr_int64_t)1000 * 366 * CALENDAR_DAY)

/* From an instant on, local time is UTC + offset. */
typedef struct {
    apr_int64_t from;
    apr_int64_t offset;
} period_t;

struct zone_t {
    period_t *periods; /* in order; the first has no beginning */
    int count;
    int repeats; /* the last 400 years go on for ever */
};

/* -- the footer: a POSIX TZ rule ------------------------------------------- */

/* On which second of a year, by the local time before it, clocks change. */
typedef struct {
    char kind; /* 'M': month, week, weekday; 'J': day without
                * 29 February; '0': day */
    int month, week, day;
    int time;
} change_t;

typedef struct {
    int standard, summer;  /* offsets */
    change_t starts, ends; /* of summer time */
    int has_summer;
} rule_t;

/* Reads up to three digits of at most max; -1 when it cannot. */
static int read_number(const char **text, int max)
{
    int length = (int)strspn(*text, "0123456789");
    int value = length > 0 && length <= 3 ? calendar_number(*text, length) : -1;

    *text += length;
    return value <= max ? value : -1;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int read_time(const char **text, int *seconds)
{
    int sign = **text == '-' ? -1 : 1, unit = 3600, value;

    *text += **text == '-' || **text == '+';
    value = read_number(text, 167);
    if (value < 0)
        return 0;
    *seconds = sign * value * unit;
    while (**text == ':' && unit > 1) {
        unit /= 60;
        ++*text;
        value = read_number(text, 59);
        if (value < 0)
            return 0;
        *seconds += sign * value * unit;
    }
    return 1;
}

/* A name, letters or anything in angle brackets, is only stepped over. */
static int skip_name(const char **text)
{
    const char *start = *text;

    if (*start == '<') {
        *text += strcspn(start, ">");
        return *(*text)++ == '>';
    }
    while (apr_isalpha(**text))
        ++*text;
    return *text - start >= 3;
}

/* ,Mm.w.d[/time] ,Jn[/time] ,n[/time] */
static int read_change(const char **text, change_t *change)
{
    if (*(*text)++ != ',')
        return 0;
    change->kind = apr_isdigit(**text) ? '0' : *(*text)++;
    change->time = 2 * 3600;
    if (change->kind == 'M') {
        change->month = read_number(text, 12);
        if (change->month < 1 || *(*text)++ != '.')
            return 0;
        change->week = read_number(text, 5);
        if (change->week < 1 || *(*text)++ != '.')
            return 0;
        change->day = read_number(text, 6);
    }
    else if (change->kind == 'J' || change->kind == '0')
        change->day = read_number(text, 365);
    else
        return 0;
    if (change->day < (change->kind == 'J'))
        return 0;
    return **text != '/' || (++*text, read_time(text, &change->time));
}

static int read_rule(const char *text, rule_t *rule)
{
    memset(rule, 0, sizeof(*rule));
    if (!skip_name(&text) || !read_time(&text, &rule->standard))
        return 0;
    /* POSIX counts westwards. */
    rule->standard = -rule->standard;
    if (!*text)
        return 1;
    rule->has_summer = 1;
    rule->summer = rule->standard + 3600;
    if (!skip_name(&text))
        return 0;
    if (*text != ',') {
        if (!read_time(&text, &rule->summer))
            return 0;
        rule->summer = -rule->summer;
    }
    return read_change(&text, &rule->starts) && read_change(&text, &rule->ends)
        && !*text;
}

/* Day of the year, from 0. */
static int day_of_change(const change_t *change, int year)
{
    int first, length, day;

    if (change->kind == '0')
        return change->day;
    if (change->kind == 'J')
        return change->day - 1 + (change->day > 59 && calendar_is_leap(year));
    first = calendar_days_before(year, change->month - 1);
    length = calendar_days_before(year, change->month) - first;
    /* 1970-01-01 was a Thursday. */
    day = (int)((calendar_days_to(year) + first + 4) % 7 + 7) % 7;
    day = (change->day - day + 7) % 7 + (change->week - 1) * 7;
    return first + (day < length ? day : day - 7);
}

static period_t period_of(const change_t *change, int year, int before,
                          int after)
{
    period_t period;

    period.from =
        (calendar_days_to(year) + day_of_change(change, year)) * CALENDAR_DAY
        + change->time - before;
    period.offset = after;
    return period;
}

static void add_year(zone_t *zone, const rule_t *rule, int year)
{
    period_t pair[2], swap;
    int i;

    pair[0] = period_of(&rule->starts, year, rule->standard, rule->summer);
    pair[1] = period_of(&rule->ends, year, rule->summer, rule->standard);
    if (pair[1].from < pair[0].from) {
        swap = pair[0];
        pair[0] = pair[1];
        pair[1] = swap;
    }
    for (i = 0; i < 2; i++) {
        if (pair[i].from > zone->periods[zone->count - 1].from)
            zone->periods[zone->count++] = pair[i];
    }
}

/* Writes the rule out for as long as the calendar does not repeat. */
static int add_rule(zone_t *zone, const rule_t *rule)
{
    period_t *end = &zone->periods[zone->count - 1];
    int first = 1900, year;

    if (!rule->has_summer) {
        end->offset = rule->standard;
        return 1;
    }
    if (zone->count > 1) {
        if (end->from < -TOO_FAR || end->from > TOO_FAR)
            return 0;
        first = calendar_year(end->from);
    }
    for (year = first; year <= first + CYCLE_YEARS + 1; year++)
        add_year(zone, rule, year);
    zone->repeats = 1;
    return 1;
}

/* -- TZif ------------------------------------------------------------------ */

/* A part of a file: what RFC 9636's header counts. */
typedef struct {
    const unsigned char *data;
    apr_size_t length;    /* of the whole part */
    apr_size_t time_size; /* 4, or 8 in the second part */
    apr_size_t times, types, names, leaps, standard, local;
} part_t;

#define HEADER 44

static apr_int64_t big_endian(const unsigned char *octets, apr_size_t size)
{
    apr_uint64_t value = octets[0] & 0x80 ? ~(apr_uint64_t)0 : 0;

    while (size-- > 0)
        value = value << 8 | *octets++;
    return (apr_int64_t)value;
}

/* Reads the part that octets begin with, which is there as a whole. */
static int read_part(part_t *part, const unsigned char *octets,
                     apr_size_t length, apr_size_t time_size)
{
    apr_size_t counts[6];
    int i;

    if (length < HEADER || memcmp(octets, "TZif", 4) != 0)
        return 0;
    for (i = 0; i < 6; i++) {
        apr_int64_t count = big_endian(octets + 20 + 4 * i, 4);

        if (count < 0 || count > MAX_FILE)
            return 0;
        counts[i] = (apr_size_t)count;
    }
    part->time_size = time_size;
    part->local = counts[0];
    part->standard = counts[1];
    part->leaps = counts[2];
    part->times = counts[3];
    part->types = counts[4];
    part->names = counts[5];
    part->data = octets + HEADER;
    part->length = HEADER + part->times * (time_size + 1) + part->types * 6
        + part->names + part->leaps * (time_size + 4) + part->standard
        + part->local;
    return part->types > 0 && part->length <= length;
}

/* The offset of a type, and whether there is such a type. */
static int read_offset(const part_t *part, apr_size_t type, apr_int64_t *offset)
{
    const unsigned char *types =
        part->data + part->times * (part->time_size + 1);

    if (type >= part->types)
        return 0;
    *offset = big_endian(types + 6 * type, 4);
    return *offset > -2 * CALENDAR_DAY && *offset < 2 * CALENDAR_DAY;
}

static int read_periods(zone_t *zone, const part_t *part)
{
    const unsigned char *types = part->data + part->times * part->time_size;
    apr_size_t i;

    zone->periods[0].from = APR_INT64_MIN / 2;
    if (!read_offset(part, 0, &zone->periods[0].offset))
        return 0;
    zone->count = 1;
    for (i = 0; i < part->times; i++) {
        period_t *period = &zone->periods[zone->count];

        period->from =
            big_endian(part->data + i * part->time_size, part->time_size);
        if (!read_offset(part, types[i], &period->offset)
            || period->from > APR_INT64_MAX / 2)
            return 0;
        if (period->from > period[-1].from)
            zone->count++;
        else if (i > 0)
            return 0;
    }
    return 1;
}

/* The line behind the second part, in pool; NULL: none, or malformed. */
static const char *read_footer(apr_pool_t *pool, const unsigned char *octets,
                               apr_size_t length)
{
    const unsigned char *end;

    if (length < 2 || *octets != '\n')
        return NULL;
    end = memchr(octets + 1, '\n', length - 1);
    return end ? apr_pstrmemdup(pool, (const char *)octets + 1,
                                (apr_size_t)(end - octets) - 1)
               : NULL;
}

const zone_t *zone_parse(apr_pool_t *pool, const unsigned char *octets,
                         apr_size_t length, const char **why)
{
    zone_t *zone = apr_pcalloc(pool, sizeof(*zone));
    const char *footer = "";
    part_t part;
    rule_t rule;

    *why = "not a time zone file";
    if (!read_part(&part, octets, length, 4))
        return NULL;
    if (octets[4] >= '2') {
        octets += part.length;
        length -= part.length;
        if (!read_part(&part, octets, length, 8))
            return NULL;
        footer = read_footer(pool, octets + part.length, length - part.length);
    }
    zone->periods = apr_palloc(pool,
                               sizeof(*zone->periods)
                                   * (part.times + 1 + 2 * (CYCLE_YEARS + 2)));
    if (!footer || !read_periods(zone, &part))
        return NULL;
    if (*footer) {
        if (!read_rule(footer, &rule) || !add_rule(zone, &rule))
            return NULL;
    }
    return zone;
}

/* -- the two promises ------------------------------------------------------ */

const zone_t *zone_load(apr_pool_t *pool, const char *name, const char **why)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789_+-/";
    static period_t always = { .from = APR_INT64_MIN / 2, .offset = 0 };
    static const zone_t utc = { .periods = &always, .count = 1 };
    unsigned char *octets;
    apr_size_t length = MAX_FILE;
    apr_file_t *file;
    const zone_t *zone = NULL;

    if (strcmp(name, "UTC") == 0)
        return &utc;
    *why = "no such time zone";
    if (!*name || *name == '/' || name[strspn(name, safe)]
        || apr_file_open(&file, apr_pstrcat(pool, ZONE_FOLDER, name, NULL),
                         APR_READ | APR_BINARY, APR_FPROT_OS_DEFAULT, pool))
        return NULL;
    octets = apr_palloc(pool, length);
    if (apr_file_read_full(file, octets, length, &length) == APR_EOF)
        zone = zone_parse(pool, octets, length, why);
    apr_file_close(file);
    return zone;
}

apr_int64_t zone_to_utc(const zone_t *zone, apr_int64_t local)
{
    const period_t *period = zone ? zone->periods : NULL;
    const period_t *last = zone ? period + zone->count - 1 : NULL;
    apr_int64_t cycles = 0;

    if (!zone)
        return local;
    /* Well before the last change written out there is one more to come. */
    if (zone->repeats && local >= last->from - 2 * CALENDAR_DAY)
        cycles = (local - last->from) / CYCLE_SECONDS + 1;
    local -= cycles * CYCLE_SECONDS;
    while (period < last && local - period->offset >= period[1].from)
        period++;
    /* Too early for this one's clock, too late for the one before: skipped. */
    if (period > zone->periods && local - period->offset < period->from)
        period--;
    return local - period->offset + cycles * CYCLE_SECONDS;
}
