/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/spellings.h"

#include <stdio.h>
#include <string.h>
#include "apr_strings.h"

/* The column holds 64 characters; SQLite, which does not enforce it, more. */
#define MAX_DIGITS 96

/* Releases up to 1.6 took the digits in pairs from the left and lost an odd
 * last one; under Python 2 the "L" of a long made the pair complete. What the
 * upgrade to 1.13 did was to take out the colons, nothing else. */
static const struct {
    int only_odd; /* for an odd number of digits */
    int cut;      /* digits lost at the end */
    const char *tail;
} forms[] = {
    { .only_odd = 0, .cut = 0, .tail = "" },
    { .only_odd = 1, .cut = 1, .tail = "" },
    { .only_odd = 1, .cut = 0, .tail = "L" },
};

#define FORMS (sizeof(forms) / sizeof(*forms))

int spellings_count(int odd, int colons)
{
    int count = 0;
    apr_size_t i;

    for (i = 0; i < FORMS; i++)
        count += odd || !forms[i].only_odd;
    return colons ? 2 * count : count;
}

/* hex as it is, or in pairs with colons between them. */
static char *spell(char *to, const char *hex, apr_size_t length,
                   const char *tail, int colons)
{
    apr_size_t i;

    for (i = 0; i < length; i++) {
        if (colons && i > 0 && i % 2 == 0)
            *to++ = ':';
        *to++ = hex[i];
    }
    if (*tail) {
        if (colons && length % 2 == 0)
            *to++ = ':';
        *to++ = *tail;
    }
    *to++ = '\0';
    return to;
}

/* All of a serial, and how many they are; none for one that is longer than any
 * that can be stored. */
static int list_spellings(apr_pool_t *pool, const char *hex, int colons,
                          const char *list[SPELLINGS])
{
    apr_size_t length = strlen(hex), i;
    int count = 0;
    char *to;

    if (length > MAX_DIGITS)
        return 0;
    /* Per form: the digits twice, half as many colons, a tail and an end. */
    to = apr_palloc(pool, FORMS * (3 * length + 6));
    for (i = 0; i < FORMS; i++) {
        const int last = colons != 0;
        int with;

        if (forms[i].only_odd && length % 2 == 0)
            continue;
        for (with = 0; with <= last; with++) {
            list[count++] = to;
            to = spell(to, hex, length - forms[i].cut, forms[i].tail, with);
        }
    }
    return count;
}

const char *spellings_quoted(apr_pool_t *pool, const char *hex, int colons)
{
    const char *list[SPELLINGS];
    int count = list_spellings(pool, hex, colons, list), i;
    /* The digits, colons, "L", quotes and a comma, or an end, of each. */
    char *text = apr_palloc(pool, SPELLINGS * (2 * strlen(hex) + 4));
    char *to = text;

    for (i = 0; i < count; i++)
        to += sprintf(to, "%s'%s'", i ? "," : "", list[i]);
    return count ? text : "NULL";
}

/* Adds spellings; NULL, which equals nothing, for one that is there already: it
 * would find its row twice. */
static int spellings_add(const char **arguments, int count,
                         const char *const *spellings, int more)
{
    int i, j;

    for (i = 0; i < more; i++) {
        arguments[count + i] = spellings[i];
        for (j = 0; j < count + i; j++) {
            if (arguments[j] && spellings[i]
                && strcmp(arguments[j], spellings[i]) == 0)
                arguments[count + i] = NULL;
        }
    }
    return count + more;
}

/* The same number of them for one that is longer, each NULL. */
static int spellings_list_arguments(apr_pool_t *pool, const char *hex,
                                    int colons, const char *list[SPELLINGS])
{
    int count = list_spellings(pool, hex, colons, list);

    if (count)
        return count;
    memset(list, 0, SPELLINGS * sizeof(*list));
    return spellings_count(strlen(hex) % 2, colons);
}

int spellings_arguments(apr_pool_t *pool, const char *ca_serial,
                        const char *serial, int colons,
                        const char *const **arguments)
{
    const char *cas[SPELLINGS], *leaves[SPELLINGS];
    int ca_count = spellings_list_arguments(pool, ca_serial, colons, cas);
    int count = spellings_list_arguments(pool, serial, colons, leaves);
    const char **list = apr_palloc(pool, 3 * SPELLINGS * sizeof(*list));

    *arguments = list;
    spellings_add(list, 0, leaves, count);
    list += count;
    return count
        + spellings_add(list, spellings_add(list, 0, cas, ca_count), leaves,
                        count);
}

static const char *repeat(apr_pool_t *pool, const char *text, int count)
{
    const char *repeated = "";

    while (count-- > 0)
        repeated = apr_pstrcat(pool, repeated, text, NULL);
    return repeated;
}

const char *spellings_rows(apr_pool_t *pool, const dialect_t *dialect,
                           const char *table, int count)
{
    if (count == 1)
        return apr_pstrcat(pool, table, " WHERE serial = ?", NULL);
    if (dialect->joins)
        return apr_pstrcat(pool, "(SELECT ? AS wanted",
                           repeat(pool, " UNION ALL SELECT ?", count - 1),
                           ") spellings CROSS JOIN ", table,
                           " WHERE serial = wanted", NULL);
    return apr_pstrcat(pool, table, " WHERE serial IN (?",
                       repeat(pool, ",?", count - 1), ")", NULL);
}
