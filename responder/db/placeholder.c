/* SPDX-License-Identifier: Apache-2.0 */
#include "db/placeholder.h"

#include <string.h>

#include "apr_strings.h"

/* The next placeholder from text on, or text's end. */
static const char *placeholder_next(const char *text)
{
    char quote = '\0';

    for (; *text && (quote || *text != '?'); text++) {
        if (quote ? *text == quote : *text == '\'' || *text == '"')
            quote = quote ? '\0' : *text;
    }
    return text;
}

static int placeholder_count(const char *text)
{
    int count = 0;

    while (*(text = placeholder_next(text))) {
        count++;
        text++;
    }
    return count;
}

static const char *double_quotes(void *connection, apr_pool_t *pool,
                                 const char *text)
{
    char *doubled = apr_palloc(pool, 2 * strlen(text) + 1), *to = doubled;

    (void)connection;
    for (; *text; text++) {
        if (*text == '\'')
            *to++ = '\'';
        *to++ = *text;
    }
    *to = '\0';
    return doubled;
}

const char *placeholder_fill(apr_pool_t *pool, const db_query_t *query,
                             placeholder_escape_t escape, void *connection)
{
    const char *text = query->text, *filled = "", *next;
    int i;

    if (placeholder_count(text) != query->count)
        return NULL;
    for (i = 0; i < query->count; i++, text = next + 1) {
        const char *argument = query->arguments[i], *quote = "'";

        next = placeholder_next(text);
        if (argument)
            argument = escape ? escape(connection, pool, argument)
                              : double_quotes(NULL, pool, argument);
        else
            quote = "", argument = "NULL";
        if (!argument)
            return NULL;
        filled =
            apr_pstrcat(pool, filled,
                        apr_pstrmemdup(pool, text, (apr_size_t)(next - text)),
                        quote, argument, quote, NULL);
    }
    return apr_pstrcat(pool, filled, text, NULL);
}

const char *placeholder_number(apr_pool_t *pool, const char *text)
{
    const char *numbered = "", *next;
    int count = 0;

    while (*(next = placeholder_next(text))) {
        numbered =
            apr_psprintf(pool, "%s%s$%d", numbered,
                         apr_pstrmemdup(pool, text, (apr_size_t)(next - text)),
                         ++count);
        text = next + 1;
    }
    return apr_pstrcat(pool, numbered, text, NULL);
}
