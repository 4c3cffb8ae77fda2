/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/dialect.h"

#include <string.h>
#include "apr_strings.h"

static const dialect_t engines[] = {
    {
        .driver = "sqlite3",
        .joins = 1,
        .ways = {
            [DIALECT_TEXT] = "CAST(? AS TEXT)",
            [DIALECT_FLAG] = "CAST(? AS TEXT)",
            [DIALECT_IS_SET] = "CAST(? AS INTEGER) = 1",
            [DIALECT_TIME] = "CAST(? AS TEXT)",
            [DIALECT_HEX] = "hex(?)",
            [DIALECT_HEX_OF_PEM] = "hex(?)",
            [DIALECT_HEX_OF_TEXT] = "hex(?)",
            [DIALECT_TEXT_OF_HEX] = "CAST(x'?' AS TEXT)",
            [DIALECT_REVISION] = "?",
        },
        .columns =
            "SELECT '" TABLE_CERTIFICATES "' AS tab, name AS col, type AS typ"
            " FROM pragma_table_info('" TABLE_CERTIFICATES "') UNION ALL "
            "SELECT '" TABLE_AUTHORITIES "', name, type"
            " FROM pragma_table_info('" TABLE_AUTHORITIES "')",
    },
    {
        .driver = "pgsql",
        .has_instants = 1,
        .ways = {
            [DIALECT_TEXT] = "CAST(? AS text)",
            [DIALECT_FLAG] = "CAST(CAST(? AS integer) AS text)",
            [DIALECT_IS_SET] = "CAST(? AS boolean)",
            [DIALECT_TIME] = "to_char(? AT TIME ZONE 'UTC',"
                            " 'YYYY-MM-DD HH24:MI:SS')",
            [DIALECT_HEX] = "encode(?, 'hex')",
            [DIALECT_HEX_OF_PEM] = "encode(convert_to(?, 'UTF8'), 'hex')",
            [DIALECT_HEX_OF_TEXT] = "encode(convert_to(?, 'UTF8'), 'hex')",
            [DIALECT_TEXT_OF_HEX] = "convert_from(decode('?', 'hex'), 'UTF8')",
            [DIALECT_REVISION] =
                "encode(sha256(convert_to(?, 'UTF8')), 'hex')",
        },
        /* The catalogue, as information_schema hides what may not be read and
         * knows no search_path. */
        .columns =
            "SELECT CAST(c.relname AS text) AS tab,"
            " CAST(a.attname AS text) AS col,"
            " CASE WHEN has_column_privilege(a.attrelid, a.attnum, 'SELECT')"
            " THEN format_type(a.atttypid, NULL)"
            " ELSE '" DIALECT_FORBIDDEN "' END AS typ"
            " FROM pg_catalog.pg_attribute a"
            " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
            " WHERE a.attrelid IN (to_regclass('" TABLE_CERTIFICATES "'),"
            " to_regclass('" TABLE_AUTHORITIES "'))"
            " AND a.attnum > 0 AND NOT a.attisdropped",
    },
    {
        .driver = "mysql",
        .ways = {
            [DIALECT_TEXT] = "CAST(? AS CHAR)",
            [DIALECT_FLAG] = "CAST(? AS CHAR)",
            [DIALECT_IS_SET] = "? = 1",
            [DIALECT_TIME] = "CAST(? AS CHAR)",
            [DIALECT_HEX] = "HEX(?)",
            /* It must do for bytes, too, should they come. */
            [DIALECT_HEX_OF_PEM] = "HEX(?)",
            [DIALECT_HEX_OF_TEXT] = "HEX(CONVERT(? USING utf8mb4))",
            [DIALECT_TEXT_OF_HEX] = "_utf8mb4 x'?'",
            [DIALECT_REVISION] = "SHA2(CONVERT(? USING utf8mb4), 256)",
        },
        /* One table each: asked for two at once, it opens every table. */
        .columns =
            "SELECT table_name AS tab, column_name AS col, data_type AS typ"
            " FROM information_schema.columns"
            " WHERE table_schema = DATABASE()"
            " AND table_name = '" TABLE_CERTIFICATES "'"
            " UNION ALL "
            "SELECT table_name, column_name, data_type"
            " FROM information_schema.columns"
            " WHERE table_schema = DATABASE()"
            " AND table_name = '" TABLE_AUTHORITIES "'",
    },
};

#define ENGINES (sizeof(engines) / sizeof(*engines))

const dialect_t *dialect_find(const char *driver)
{
    apr_size_t i;

    for (i = 0; i < ENGINES; i++) {
        if (strcmp(engines[i].driver, driver) == 0)
            return &engines[i];
    }
    return NULL;
}

const char *dialect_names(void)
{
    return "sqlite3, pgsql, mysql";
}

const char *dialect_write(apr_pool_t *pool, const dialect_t *engine,
                          dialect_way_t way, const char *column)
{
    const char *text = engine->ways[way];
    const char *hole = strchr(text, '?');

    return apr_pstrcat(pool,
                       apr_pstrmemdup(pool, text, (apr_size_t)(hole - text)),
                       column, hole + 1, NULL);
}

static const char *repeat(apr_pool_t *pool, const char *text, int count)
{
    const char *repeated = "";

    while (count-- > 0)
        repeated = apr_pstrcat(pool, repeated, text, NULL);
    return repeated;
}

const char *dialect_rows(apr_pool_t *pool, const dialect_t *engine,
                         const char *table, int count)
{
    if (count == 1)
        return apr_pstrcat(pool, table, " WHERE serial = ?", NULL);
    if (engine->joins)
        return apr_pstrcat(pool, "(SELECT ? AS wanted",
                           repeat(pool, " UNION ALL SELECT ?", count - 1),
                           ") spellings CROSS JOIN ", table,
                           " WHERE serial = wanted", NULL);
    return apr_pstrcat(pool, table, " WHERE serial IN (?",
                       repeat(pool, ",?", count - 1), ")", NULL);
}
