/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_named.h"

#include "apr_strings.h"

#include "base/instances.h"
#include "base/named_lines.h"

static const char *at_line(apr_pool_t *pool, const named_line_t *line,
                           const char *why)
{
    return apr_psprintf(pool, "line %d of %s: %s", line->number, line->file,
                        why);
}

/* What is wrong with a line that says again what one before it says; NULL:
 * nothing. */
static const char *fault_of_twice(apr_pool_t *pool,
                                  const apr_array_header_t *lines, int number)
{
    const char *word = APR_ARRAY_IDX(lines, number, named_line_t).word;
    int i;

    for (i = 0; i < number; i++)
        if (strcasecmp(APR_ARRAY_IDX(lines, i, named_line_t).word, word) == 0)
            return apr_pstrcat(
                pool, word, " stands twice: all of it goes on one line", NULL);
    return NULL;
}

/* Makes a description of lines. NULL with *why. */
static const table_t *read_lines(apr_pool_t *pool, const char *name,
                                 const apr_array_header_t *lines,
                                 const char **why)
{
    table_t *table = table_description_create(pool, name);
    int i;

    for (i = 0; i < lines->nelts; i++) {
        const named_line_t *line = &APR_ARRAY_IDX(lines, i, named_line_t);
        const char *fault = fault_of_twice(pool, lines, i);

        if (!fault)
            fault = table_description_set(table, pool, line->word, line->text);
        if (fault) {
            *why = at_line(pool, line, fault);
            return NULL;
        }
    }
    *why = table_description_fault(table);
    if (!*why)
        return table;
    *why = apr_psprintf(pool, "<OCSPResponderTable %s>: %s", name, *why);
    return NULL;
}

const char *table_named_fault(apr_pool_t *pool, const char *name)
{
    const apr_array_header_t *lines = instances_find(pool, NAMED_LINES, name);
    const char *why = NULL;

    if (lines)
        read_lines(pool, name, lines, &why);
    return why;
}

const table_t *table_named_find(apr_pool_t *pool, const char *name,
                                const char **why)
{
    const apr_array_header_t *lines = instances_find(pool, NAMED_LINES, name);

    if (lines) {
        const table_t *table = read_lines(pool, name, lines, why);

        if (!table)
            *why = apr_pstrcat(pool, "OCSPResponderSource sql: ", *why, NULL);
        return table;
    }
    *why = apr_psprintf(pool,
                        "OCSPResponderSource sql %s: there is no "
                        "<OCSPResponderTable %s> (conf/tables has some to "
                        "Include)",
                        name, name);
    return NULL;
}
