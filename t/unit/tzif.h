/* SPDX-License-Identifier: Apache-2.0
 * Time zone files (RFC 9636) made by hand. */
#ifndef T_UNIT_TZIF_H
#define T_UNIT_TZIF_H

#include <string.h>
#include <apr_strings.h>
#include "base/zone.h"

static char *tzif_put(char *to, apr_int64_t value, int size)
{
    while (size-- > 0)
        *to++ = (char)(value >> 8 * size);
    return to;
}

static char *tzif_header(char *to, char version, int times, int types)
{
    memcpy(to, "TZif", 4);
    to[4] = version;
    memset(to + 5, 0, 15);
    to = tzif_put(to + 20, 0, 4); /* UT or local */
    to = tzif_put(to, 0, 4);      /* standard or wall */
    to = tzif_put(to, 0, 4);      /* leap seconds */
    to = tzif_put(to, times, 4);
    to = tzif_put(to, types, 4);
    return tzif_put(to, 4, 4); /* octets of names */
}

static char *tzif_type(char *to, int offset)
{
    to = tzif_put(to, offset, 4);
    return tzif_put(to, 0, 2);
}

/* A file of version 2: UTC, from the given instant on an hour east, then as
 * the footer says. */
static apr_size_t tzif_file(char *file, apr_int64_t change, const char *footer)
{
    char *to = tzif_header(file, '2', 0, 1);

    to = tzif_type(to, 0);
    memcpy(to, "LMT", 4);
    to = tzif_header(to + 4, '2', 1, 2);
    to = tzif_put(to, change, 8);
    to = tzif_put(to, 1, 1);
    to = tzif_type(tzif_type(to, 0), 3600);
    memcpy(to, "LMT", 4);
    memcpy(to + 4, footer, strlen(footer));
    return (apr_size_t)(to + 4 + strlen(footer) - file);
}

/* A zone that follows a rule from 2 January 1970 on. */
static const zone_t *tzif_zone(apr_pool_t *pool, const char *rule)
{
    const char *why, *footer = apr_pstrcat(pool, "\n", rule, "\n", NULL);
    char *file = apr_palloc(pool, 200 + strlen(rule));

    return zone_parse(pool, (unsigned char *)file,
                      tzif_file(file, 86400, footer), &why);
}

#endif
