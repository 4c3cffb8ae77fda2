/* SPDX-License-Identifier: Apache-2.0
 * schema.h: the query for a status and what stands in its placeholders. */
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include "db/placeholder.h"
#include "source/django_ca/schema.h"
#include "tap.h"

static apr_pool_t *pool;

/* The columns of both tables, with some of the CAs' own. */
static const char *const names[] = {
    "serial",  "pub",          "ca_id",          "created",
    "revoked", "revoked_date", "revoked_reason", "compromised",
    "id",      "parent_id",    "name",           "cn",
};

static const schema_t *recognise(const char *driver)
{
    apr_array_header_t *list =
        apr_array_make(pool, 24, sizeof(const char *const *));
    db_rows_t rows = { .columns = SCHEMA_COLUMNS_WIDTH };
    const char *why = NULL;
    size_t i;

    for (i = 0; i < 24; i++) {
        const char **row = apr_palloc(pool, 3 * sizeof(*row));

        row[0] = i % 2 ? TABLE_AUTHORITIES : TABLE_CERTIFICATES;
        row[1] = names[i / 2];
        row[2] = "text";
        APR_ARRAY_PUSH(list, const char *const *) = row;
    }
    rows.rows = (const char *const *const *)list->elts;
    rows.count = list->nelts;
    return schema_recognise(pool, dialect_find(driver), rows, &why);
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

/* As many placeholders as arguments, whatever the serials. */
static void test_placeholders(const char *driver)
{
    static const char *const serials[] = { "12", "123" };
    const schema_t *schema = recognise(driver);
    int i;

    for (i = 0; i < 4; i++) {
        db_query_t query = schema_status_query(pool, schema, serials[i / 2],
                                               serials[i % 2], 0);
        const char *text;

        ok(query.is_kept && count_of(query.text, "?") == query.count,
           "%s: %d placeholders", driver, query.count);
        text = placeholder_fill(pool, &query, NULL, NULL);
        ok(strstr(text, "'12'") && !strstr(text, "?"),
           "  and with serials in their place");
    }
}

static void test_longest(void)
{
    char longest[130];
    db_query_t query;
    int i;

    memset(longest, 'F', sizeof(longest));
    longest[129] = '\0';
    query = schema_status_query(pool, recognise("sqlite3"), "12", longest, 0);
    ok(count_of(query.text, "?") == query.count, "a serial longer than any");
    for (i = 0; i < query.count; i++)
        ok(!query.arguments[i] || !strchr(query.arguments[i], 'F'),
           "  is not asked for");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_placeholders("sqlite3");
    test_placeholders("pgsql");
    test_placeholders("mysql");
    test_longest();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
