/* SPDX-License-Identifier: Apache-2.0
 * spellings.h: serials as each release of django-ca stored them. */
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "tap.h"
#include "source/django_ca/spellings.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static apr_pool_t *pool;

static void test_spellings(void)
{
    static const struct {
        const char *serial, *list;
    } rows[] = {
        { "ABCD", "'ABCD','AB:CD'" },
        { "ABCDE", "'ABCDE','AB:CD:E','ABCD','AB:CD','ABCDEL','AB:CD:EL'" },
        { "AB", "'AB','AB'" },
        { "7", "'7','7','','','7L','7L'" },
        { "0", "'0','0','','','0L','0L'" },
        { "ABC", "'ABC','AB:C','AB','AB','ABCL','AB:CL'" },
    };
    static const char allowed[] = "0123456789ABCDEFL:',";
    char longest[98], *list;
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(spellings_quoted(pool, rows[i].serial, 1), rows[i].list,
           rows[i].serial);
    memset(longest, 'F', sizeof(longest));
    longest[95] = '\0';
    list = apr_pstrdup(pool, spellings_quoted(pool, longest, 1));
    ok(list[strspn(list, allowed)] == '\0', "nothing but digits and quotes");
    ok(strlen(list) < 6 * (95 * 3 / 2 + 4), "and no longer than it may be");
    longest[95] = 'F';
    longest[97] = '\0';
    is(spellings_quoted(pool, longest, 1), "NULL", "longer than any stored");
}

/* What each release stored for a serial is among its spellings. */
static void test_stored_spellings(void)
{
    static const struct {
        const char *release, *stored;
    } rows[] = {
        { "1.0 to 1.6, Python 3", "'AB:CD'" },
        { "1.0 to 1.4, Python 2", "'AB:CD:EL'" },
        { "1.7 to 1.12", "'AB:CD:E'" },
        { "1.13 and later", "'ABCDE'" },
        { "1.13 and later, upgraded from Python 3", "'ABCD'" },
        { "1.13 and later, upgraded from Python 2", "'ABCDEL'" },
    };
    const char *list = spellings_quoted(pool, "ABCDE", 1);
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        ok(strstr(list, rows[i].stored) != NULL, "%s: %s", rows[i].release,
           rows[i].stored);
    is(spellings_quoted(pool, "ABCDE", 0), "'ABCDE','ABCD','ABCDEL'",
       "1.13 and later need no others");
    is(spellings_quoted(pool, "ABCD", 0), "'ABCD'", "nor for an even number");
}

/* As text, with NULL as "-". */
static const char *arguments_of(const char *ca_serial, const char *serial,
                                int colons)
{
    const char *const *arguments = NULL, *text = "";
    int count =
            spellings_arguments(pool, ca_serial, serial, colons, &arguments),
        i;

    for (i = 0; i < count; i++)
        text = apr_pstrcat(pool, text, i ? " " : "",
                           arguments[i] ? arguments[i] : "-", NULL);
    return text;
}

/* No spelling twice in one table, or it would find its row twice. */
static void test_arguments(void)
{
    static const struct {
        const char *ca, *serial;
        int colons;
        const char *list;
    } rows[] = {
        { "ABCD", "1234", 1, "1234 12:34 ABCD AB:CD 1234 12:34" },
        { "1234", "1234", 1, "1234 12:34 1234 12:34 - -" },
        { "12", "34", 1, "34 - 12 - 34 -" },
        { "1234", "123", 1,
          "123 12:3 12 - 123L 12:3L "
          "1234 12:34 123 12:3 12 - 123L 12:3L" },
        { "12", "123", 1,
          "123 12:3 12 - 123L 12:3L "
          "12 - 123 12:3 - - 123L 12:3L" },
        { "ABCD", "1234", 0, "1234 ABCD 1234" },
        { "1234", "1234", 0, "1234 1234 -" },
        { "12", "123", 0, "123 12 123L 12 123 - 123L" },
    };
    char longest[98];
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(arguments_of(rows[i].ca, rows[i].serial, rows[i].colons),
           rows[i].list,
           apr_psprintf(pool, "%s of CA %s", rows[i].serial, rows[i].ca));
    memset(longest, 'F', sizeof(longest));
    longest[97] = '\0';
    is(arguments_of("12", longest, 1), "- - - - - - 12 - - - - - - -",
       "longer than any stored");
    is(arguments_of(longest, "12", 1), "12 - - - - - - - 12 -",
       "so with a CA's");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_spellings();
    test_stored_spellings();
    test_arguments();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
