/* SPDX-License-Identifier: Apache-2.0
 * Descriptions of tables, for the tests of source/table/. */
#ifndef T_UNIT_TABLES_H
#define T_UNIT_TABLES_H

#include <apr_escape.h>
#include <apr_strings.h>
#include "source/table/table_description.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

typedef struct {
    const char *word, *text;
} directive_t;

/* A table of the usual kind, with some lines changed or added. */
__attribute__((unused)) static table_t *describe(apr_pool_t *pool,
                                                 const directive_t *more)
{
    static const directive_t usual[] = {
        { "From", "certs" },
        { "Serial", "serial hex" },
        { "CA", "any" },
        { "Status", "state V=good R=revoked N=never-issued A=by-reason" },
        { "Reason", "reason none=-1" },
        { "RevokedAt", "revoked_at seconds none=0" },
        { "InvalidAt", "invalid_at seconds none=" },
        { "Certificate", "pem pem" },
    };
    table_t *table = table_description_create(pool, "test");
    const char *why = NULL;
    size_t i;

    for (i = 0; i < COUNT(usual) && !why; i++)
        why = table_description_set(table, pool, usual[i].word, usual[i].text);
    for (; more && more->word && !why; more++)
        why = table_description_set(table, pool, more->word, more->text);
    is(why, NULL, "a description");
    is(table_description_fault(table), NULL, "  of which nothing is missing");
    return table;
}

#define WITH(...) ((directive_t[]){ __VA_ARGS__, { NULL, NULL } })

__attribute__((unused)) static bytes_t number(apr_pool_t *pool, const char *hex)
{
    bytes_t bytes;

    bytes.data = apr_punescape_hex(pool, hex, 0, &bytes.len);
    return bytes;
}

#endif
