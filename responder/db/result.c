/* SPDX-License-Identifier: Apache-2.0 */
#include "db/result.h"

#include "base/bytes.h"

apr_array_header_t *result_begin(apr_pool_t *pool)
{
    return apr_array_make(pool, 4, sizeof(const char *const *));
}

void result_add(apr_array_header_t *list, int columns, result_column_t column,
                void *source, int row)
{
    const char **copy =
        apr_palloc(list->pool, (apr_size_t)columns * sizeof(*copy));
    int i;

    for (i = 0; i < columns; i++) {
        apr_size_t length = 0;
        const char *text = column(source, row, i, &length);

        copy[i] = text ? bytes_text(list->pool, text, length) : NULL;
    }
    APR_ARRAY_PUSH(list, const char *const *) = copy;
}

db_rows_t result_rows(const apr_array_header_t *list, int columns)
{
    db_rows_t rows = { (const char *const *const *)list->elts, list->nelts,
                       columns };

    return rows;
}
