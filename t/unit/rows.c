/* SPDX-License-Identifier: Apache-2.0
 * rows.h: CAs and certificates out of the rows of django-ca's tables. */
#include <apr_general.h>
#include <apr_tables.h>
#include "head.h"
#include "source/django_ca/rows.h"
#include "ocsp/serial.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static apr_pool_t *pool;

/* -- the CAs --------------------------------------------------------------- */

static void add_authority(apr_array_header_t *list, const char *id,
                          const char *serial, const char *stored,
                          const char *name, const char *cn)
{
    rows_authority_t *authority = apr_array_push(list);

    memset(authority, 0, sizeof(*authority));
    authority->id = id;
    authority->serial = serial;
    authority->stored = stored;
    authority->name = name;
    authority->cn = cn;
}

static void test_choose(void)
{
    static const struct {
        const char *ca, *id;
    } rows[] = {
        { "ABCDE", "1" },    { "ab:cd:e", "1" }, { "00:0A:BC:DE", "1" },
        { "AB:CD:EL", "1" }, { "ABCD", "2" },    { "AB:CD", "2" },
        { "12:34", "3" },    { "1234", "3" },    { "12345", "3" },
        { "Root", "1" },     { "Root CA", "2" }, { "root", NULL },
        { "Only", "3" },     { "Twice", NULL },  { "FEED", "4" },
        { "BEEF", "4" },     { "", NULL },       { "Z\xC3\xBCrich", "3" },
        { "F", NULL },
    };
    apr_array_header_t *list =
        apr_array_make(pool, 4, sizeof(rows_authority_t));
    size_t i;

    add_authority(list, "1", "ABCDE", "AB:CD", "Root", "Twice");
    add_authority(list, "2", "ABCD", "ABCD", "Root CA", "Twice");
    add_authority(list, "3", "12345", "12:34", "Z\xC3\xBCrich", "Only");
    add_authority(list, "4", "77", "77", "FEED", "BEEF");
    for (i = 0; i < COUNT(rows); i++) {
        const char *why = NULL;
        const rows_authority_t *chosen =
            rows_choose(pool, list, rows[i].ca, &why);

        is(chosen ? chosen->id : NULL, rows[i].id,
           apr_psprintf(pool, "\"%s\" %s", rows[i].ca, why ? why : ""));
        ok(!chosen == !!why, "and why");
    }
}

static void test_authority(void)
{
    rows_authority_t authority;
    const char *row[SCHEMA_AUTHORITIES_WIDTH] = {
        [SCHEMA_CERTIFICATE_SERIAL] = "AB:CD",
        [SCHEMA_CERTIFICATE_PUB] = head_hex(pool, head_pem(pool, "0ABCDE")),
        [SCHEMA_AUTHORITIES_ID] = "7",
        [SCHEMA_AUTHORITIES_NAME] = "5AC3BC72696368",
        [SCHEMA_AUTHORITIES_CN] = "",
    };
    const char *why = NULL;

    ok(rows_authority(&authority, pool, row, &why) == 0, "a CA");
    is(authority.id, "7", "its id");
    is(authority.serial, "ABCDE", "its serial");
    is(authority.stored, "AB:CD", "as stored");
    is(authority.name, "Z\xC3\xBCrich", "its name");
    is(authority.cn, "", "its CN");
    ok(authority.certificate.len == head_pem(pool, "0ABCDE").len,
       "its certificate");
    row[SCHEMA_AUTHORITIES_NAME] = row[SCHEMA_AUTHORITIES_CN] = NULL;
    ok(rows_authority(&authority, pool, row, &why) == 0 && !*authority.name
           && !*authority.cn,
       "a CA without names");
    row[SCHEMA_CERTIFICATE_PUB] = "3042";
    ok(rows_authority(&authority, pool, row, &why) == -1
           && strstr(why, "AB:CD"),
       "no certificate");
    row[SCHEMA_CERTIFICATE_PUB] = row[SCHEMA_CERTIFICATE_SERIAL] = NULL;
    ok(rows_authority(&authority, pool, row, &why) == -1, "NULLs");
}

/* -- one certificate ------------------------------------------------------- */

static void test_certificate(void)
{
    const char *const cut[] = { "AB:CD",
                                head_hex(pool, head_der(pool, "0ABCDE")) };
    const char *const whole[] = { "ABCD",
                                  head_hex(pool, head_der(pool, "00ABCD")) };
    const char *const broken[] = { "ABCD", "30" },
                      *const null[] = { NULL, NULL };
    const char *const *all[] = { null, broken, cut, whole }, *why = NULL;
    db_rows_t rows = { all, 4, SCHEMA_CERTIFICATE_WIDTH };

    is(serial_of_certificate(pool, rows_certificate(pool, rows, "ABCD", &why)),
       "ABCD", "the true serial wins");
    is(serial_of_certificate(pool, rows_certificate(pool, rows, "ABCDE", &why)),
       "ABCDE", "stored without its last digit");
    ok(!why, "nothing is wrong");
    rows.count = 3;
    is(serial_of_certificate(pool, rows_certificate(pool, rows, "ABCD", &why)),
       "ABCDE", "as stored");
    ok(!rows_certificate(pool, rows, "ABCDF", &why).data && why, "a neighbour");
    rows.count = 0;
    ok(!rows_certificate(pool, rows, "ABCD", &why).data, "no rows");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_choose();
    test_authority();
    test_certificate();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
