/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_dialect.h"

#include <string.h>

#include "apr_strings.h"

static const table_dialect_t dialects[] = {
    {
        .driver = "sqlite3",
        .ways = { "CAST(@ AS TEXT)", "hex(@)", "CAST(@ AS TEXT)",
                  "CAST(@ AS TEXT)", "typeof(@)" },
        .text_is = "@ IN (?, CAST(? AS BLOB))",
        .texts = 2,
        .numeric_is = "@ = CAST(? AS NUMERIC)",
        .bytes_are = "x'#'",
        .rounds = 1,
    },
    {
        .driver = "pgsql",
        .ways = { "CAST(@ AS text)", "encode(@, 'hex')",
                  "CAST(CAST(FLOOR(EXTRACT(EPOCH FROM @)) AS bigint) AS text)",
                  "CAST(CAST(FLOOR(EXTRACT(EPOCH FROM @)) AS bigint) AS "
                  "text)",
                  "CAST(pg_typeof(@) AS text)" },
        .text_is = "@ = ?",
        .texts = 1,
        .numeric_is = "@ = CAST(? AS numeric)",
        .bytes_are = "decode('#', 'hex')",
        .casts_to_hex = 1,
    },
    {
        .driver = "mysql",
        .ways = { "CAST(@ AS CHAR)", "HEX(@)",
                  "CAST(FLOOR(UNIX_TIMESTAMP(@)) AS CHAR)",
                  "CAST(TIMESTAMPDIFF(SECOND, '1970-01-01', @) AS CHAR)",
                  "CAST(JSON_TYPE(JSON_EXTRACT(JSON_ARRAY(@), '$[0]')) AS "
                  "CHAR)" },
        .text_is = "@ = ?",
        .texts = 1,
        .numeric_is = "@ = CAST(? AS DECIMAL(65, 0))",
        .bytes_are = "x'#'",
    },
};

#define DIALECTS (sizeof(dialects) / sizeof(*dialects))

const table_dialect_t *table_dialect_find(const char *driver)
{
    apr_size_t i;

    for (i = 0; i < DIALECTS; i++) {
        if (strcmp(dialects[i].driver, driver) == 0)
            return &dialects[i];
    }
    return NULL;
}

int table_dialect_is_number(const char *kind)
{
    /* SQLite's, PostgreSQL's, and MariaDB's and MySQL's in JSON. */
    static const char *const numbers[] = { "integer", "real",
                                           "bigint",  "smallint",
                                           "numeric", "double precision",
                                           "INTEGER", "DOUBLE",
                                           "DECIMAL", "UNSIGNED INTEGER",
                                           NULL };
    const char *const *number = numbers;

    while (kind && *number && strcmp(*number, kind) != 0)
        number++;
    return kind && *number;
}

const char *table_dialect_fill(apr_pool_t *pool, const char *form, char hole,
                               const char *text)
{
    const char *at = strchr(form, hole);

    return apr_pstrcat(pool,
                       apr_pstrmemdup(pool, form, (apr_size_t)(at - form)),
                       text, at + 1, NULL);
}
