/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_json.h"

#include <string.h>

#include "apr_strings.h"

#define BLANKS " \t\r\n"

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, BLANKS);
}

/* Behind a string whose first quote `at` is; NULL when it does not end. */
static const char *skip_string(const char *at)
{
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\')
            at++;
        if (!*at)
            return NULL;
    }
    return *at ? at + 1 : NULL;
}

/* Behind an object or an array: its brackets need not be of one kind. */
static const char *skip_nested(const char *at)
{
    int depth = 0;

    do {
        at += strcspn(at, "{}[]\"");
        if (!*at)
            return NULL;
        if (*at == '"') {
            at = skip_string(at);
            if (!at)
                return NULL;
            continue;
        }
        depth += *at == '{' || *at == '[' ? 1 : -1;
        at++;
    } while (depth > 0);
    return at;
}

static const char *skip_value(const char *at)
{
    if (*at == '"')
        return skip_string(at);
    if (*at == '{' || *at == '[')
        return skip_nested(at);
    return at + strcspn(at, ",}" BLANKS);
}

/* A value's text; NULL where it is of no use. */
static const char *value_text(apr_pool_t *pool, const char *at, const char *end)
{
    const apr_size_t length = (apr_size_t)(end - at);

    if (*at == '"')
        return memchr(at, '\\', length)
            ? NULL
            : apr_pstrmemdup(pool, at + 1, length - 2);
    if (*at == '{' || *at == '[' || length == 0
        || (length == 4 && memcmp(at, "null", 4) == 0))
        return NULL;
    return apr_pstrmemdup(pool, at, length);
}

static int table_json_is_name(const char *at, const char *end, const char *name)
{
    const apr_size_t length = strlen(name);

    return (apr_size_t)(end - at) == length + 2
        && memcmp(at + 1, name, length) == 0;
}

const char *table_json_member(apr_pool_t *pool, const char *text,
                              const char *name)
{
    const char *at = skip_blanks(text);

    if (*at != '{')
        return NULL;
    do {
        const char *key = skip_blanks(at + 1), *end, *value;

        if (*key != '"' || !(end = skip_string(key)))
            return NULL;
        value = skip_blanks(end);
        if (*value != ':')
            return NULL;
        value = skip_blanks(value + 1);
        at = skip_value(value);
        if (!at)
            return NULL;
        if (table_json_is_name(key, end, name))
            return value_text(pool, value, at);
        at = skip_blanks(at);
    } while (*at == ',');
    return NULL;
}
