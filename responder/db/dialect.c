/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dialect.h"

#include <string.h>
#include "apr_strings.h"

static const dialect_t dialects[] = {
    {
        .driver = "sqlite3",
        .joins = 1,
        .rounds = 1,
        .ways = {
            [DIALECT_TEXT] = "CAST(@ AS TEXT)",
            [DIALECT_VALUE] = "CAST(@ AS TEXT)",
            [DIALECT_FLAG] = "CAST(@ AS TEXT)",
            [DIALECT_IS_SET] = "CAST(@ AS INTEGER) = 1",
            [DIALECT_TIME] = "CAST(@ AS TEXT)",
            [DIALECT_SECONDS] = "CAST(@ AS TEXT)",
            [DIALECT_HEX] = "hex(@)",
            [DIALECT_HEX_OF_PEM] = "hex(@)",
            [DIALECT_HEX_OF_TEXT] = "hex(@)",
            [DIALECT_TEXT_OF_HEX] = "CAST(x'@' AS TEXT)",
            [DIALECT_REVISION] = "@",
            [DIALECT_KIND] = "typeof(@)",
            [DIALECT_KIND_OF_BYTES] = "typeof(@)",
        },
        .columns =
            "SELECT '@' AS tab, name AS col, type AS typ"
            " FROM pragma_table_info('@')",
        .text_is = "@ IN (?, CAST(? AS BLOB))",
        .texts = 2,
        .numeric_is = "@ = CAST(? AS NUMERIC)",
        .bytes = "x'@'",
    },
    {
        .driver = "pgsql",
        .role_variable = "PGUSER",
        .has_instants = 1,
        .casts_to_hex = 1,
        .ways = {
            [DIALECT_TEXT] = "CAST(@ AS text)",
            [DIALECT_VALUE] = "CAST(@ AS text)",
            [DIALECT_FLAG] = "CAST(CAST(@ AS integer) AS text)",
            [DIALECT_IS_SET] = "CAST(@ AS boolean)",
            /* Of a timestamp without a zone, too, as a view may have it: that
             * is taken for UTC, whatever the session's zone is. */
            [DIALECT_TIME] = "to_char(to_timestamp(EXTRACT(EPOCH FROM @))"
                            " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')",
            /* Infinity, which means never, is no number of seconds: a good row
             * that has it would fail. */
            [DIALECT_SECONDS] =
                "CASE WHEN isfinite(@)"
                " THEN CAST(CAST(FLOOR(EXTRACT(EPOCH FROM @)) AS bigint)"
                " AS text) ELSE CAST(@ AS text) END",
            [DIALECT_HEX] = "encode(@, 'hex')",
            [DIALECT_HEX_OF_PEM] = "encode(convert_to(@, 'UTF8'), 'hex')",
            [DIALECT_HEX_OF_TEXT] = "encode(convert_to(@, 'UTF8'), 'hex')",
            [DIALECT_TEXT_OF_HEX] = "convert_from(decode('@', 'hex'), 'UTF8')",
            [DIALECT_REVISION] =
                "encode(sha256(convert_to(@, 'UTF8')), 'hex')",
            [DIALECT_KIND] = "CAST(pg_typeof(@) AS text)",
            /* It compares nothing else with bytes. */
            [DIALECT_KIND_OF_BYTES] = "'blob'",
        },
        /* The catalogue, as information_schema hides what may not be read and
         * knows no search_path. Of a column that is dropped meanwhile it has
         * no rights (NULL): what asks for that column fails, and the columns
         * are read anew. */
        .columns =
            "SELECT CAST(c.relname AS text) AS tab,"
            " CAST(a.attname AS text) AS col,"
            " CASE WHEN has_column_privilege(a.attrelid, a.attnum, 'SELECT')"
            " IS FALSE THEN '" DIALECT_FORBIDDEN "'"
            " ELSE format_type(a.atttypid, NULL) END AS typ"
            " FROM pg_catalog.pg_attribute a"
            " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
            " WHERE a.attrelid = to_regclass('@')"
            " AND a.attnum > 0 AND NOT a.attisdropped",
        .text_is = "@ = ?",
        .texts = 1,
        .numeric_is = "@ = CAST(? AS numeric)",
        .bytes = "decode('@', 'hex')",
    },
    {
        .driver = "mysql",
        .ways = {
            [DIALECT_TEXT] = "CAST(@ AS CHAR)",
            /* MySQL makes NULL of bytes that are no text. */
            [DIALECT_VALUE] = "IFNULL(CAST(@ AS CHAR), HEX(@))",
            [DIALECT_FLAG] = "CAST(@ AS CHAR)",
            [DIALECT_IS_SET] = "@ = 1",
            [DIALECT_TIME] = "CAST(@ AS CHAR)",
            /* A text that names its zone is read here, as MariaDB would drop
             * that, and so is what is no time to it. Its UNIX_TIMESTAMP ends in
             * 2038. */
            [DIALECT_SECONDS] =
                "IFNULL(IF(CAST(@ AS CHAR) REGEXP ':[0-9.]+ *([-+][0-9]|[A-Z])'"
                ", NULL, CAST(TIMESTAMPDIFF(SECOND, '1970-01-01', @) AS CHAR))"
                ", CAST(@ AS CHAR))",
            [DIALECT_HEX] = "HEX(@)",
            /* It must do for bytes, too, should they come. */
            [DIALECT_HEX_OF_PEM] = "HEX(@)",
            [DIALECT_HEX_OF_TEXT] = "HEX(CONVERT(@ USING utf8mb4))",
            [DIALECT_TEXT_OF_HEX] = "_utf8mb4 x'@'",
            [DIALECT_REVISION] = "SHA2(CONVERT(@ USING utf8mb4), 256)",
            [DIALECT_KIND] = "CAST(JSON_TYPE(JSON_EXTRACT(JSON_ARRAY(@),"
                             " '$[0]')) AS CHAR)",
            [DIALECT_KIND_OF_BYTES] =
                "IF(CHARSET(@) = 'binary', 'blob', 'text')",
        },
        .columns =
            "SELECT table_name AS tab, column_name AS col, data_type AS typ"
            " FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = '@'",
        .text_is = "@ = ?",
        .texts = 1,
        .numeric_is = "@ = CAST(? AS DECIMAL(65, 0))",
        .bytes = "x'@'",
    },
};

#define DIALECTS (sizeof(dialects) / sizeof(*dialects))

const dialect_t *dialect_find(const char *driver)
{
    apr_size_t i;

    for (i = 0; i < DIALECTS; i++) {
        if (strcmp(dialects[i].driver, driver) == 0)
            return &dialects[i];
    }
    return NULL;
}

const char *dialect_names(void)
{
    return "sqlite3, pgsql, mysql";
}

const char *dialect_fill(apr_pool_t *pool, const char *form, const char *text)
{
    const char *hole = strchr(form, '@');

    return hole
        ? apr_pstrcat(pool,
                      apr_pstrmemdup(pool, form, (apr_size_t)(hole - form)),
                      text, dialect_fill(pool, hole + 1, text), NULL)
        : form;
}

const char *dialect_write(apr_pool_t *pool, const dialect_t *dialect,
                          dialect_way_t way, const char *column)
{
    return dialect_fill(pool, dialect->ways[way], column);
}

int dialect_is_bytes(const char *kind)
{
    return !kind || strcmp(kind, "blob") == 0;
}

int dialect_is_number(const char *kind)
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
