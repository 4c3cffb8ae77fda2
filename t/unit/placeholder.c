/* SPDX-License-Identifier: Apache-2.0
 * placeholder.h: arguments in the place of placeholders. */
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "db/placeholder.h"
#include "tap.h"

static apr_pool_t *pool;

static const char *filled(const char *text, int count, const char *one,
                          const char *two)
{
    const char *arguments[] = { one, two };
    db_query_t query = { .text = text, .arguments = arguments, .count = count };

    return placeholder_fill(pool, &query, NULL, NULL);
}

static const char *no_escape(void *connection, apr_pool_t *in, const char *text)
{
    (void)connection;
    (void)in;
    (void)text;
    return NULL;
}

static void test_fill(void)
{
    const char *one = "A";
    db_query_t query = { .text = "?", .arguments = &one, .count = 1 };

    is(filled("SELECT 1", 0, NULL, NULL), "SELECT 1", "none");
    is(filled("a = ? AND b = ?", 2, "x", NULL), "a = 'x' AND b = NULL",
       "one and NULL");
    is(filled("?", 1, "O'Hara?", NULL), "'O''Hara?'", "quotes are doubled");
    is(filled("'?' \"?\" 'it''s ?' ?", 1, "x", NULL), "'?' \"?\" 'it''s ?' 'x'",
       "in quotes there is none");
    ok(!filled("? ?", 1, "x", NULL), "too few arguments");
    ok(!filled("?", 2, "x", "y"), "too many arguments");
    ok(!placeholder_fill(pool, &query, no_escape, NULL),
       "one that cannot be written");
}

static void test_number(void)
{
    is(placeholder_number(pool, "SELECT 1"), "SELECT 1", "none to number");
    is(placeholder_number(pool, "a = ? AND '?' = ?"), "a = $1 AND '?' = $2",
       "numbered");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_fill();
    test_number();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
