/* SPDX-License-Identifier: Apache-2.0
 * rows.h: CAs and certificates out of the rows of django-ca's tables. */
#include <apr_general.h>
#include "ask.h"
#include "ocsp/serial.h"
#include "source/django_ca/rows.h"

static apr_pool_t *pool;

/* -- the CAs --------------------------------------------------------------- */

static void test_ca(void)
{
    ocsp_responder_ca_t ca;
    const char *row[SCHEMA_AUTHORITIES_WIDTH] = {
        [SCHEMA_CERTIFICATE_SERIAL] = "AB:CD",
        [SCHEMA_CERTIFICATE_PUB] = head_hex(pool, head_pem(pool, "0ABCDE")),
        [SCHEMA_AUTHORITIES_ID] = "7",
        [SCHEMA_AUTHORITIES_NAME] = "5AC3BC72696368",
        [SCHEMA_AUTHORITIES_CN] = "",
        [SCHEMA_AUTHORITIES_REVISION] = "{}",
    };

    ca = rows_ca(pool, row);
    is(ca.id, "7", "a CA's id");
    is(ca.stored, "AB:CD", "its serial as stored");
    is(ca.name, "Z\xC3\xBCrich", "its name");
    is(ca.cn, "", "its CN");
    ok(ca.certificate.len == head_pem(pool, "0ABCDE").len, "its certificate");
    ok(ca.key_revision && *ca.key_revision, "which pair it has");
    ok(!ca.is_retired, "nobody says that it is disabled");
    row[SCHEMA_AUTHORITIES_ENABLED] = "0";
    ok(rows_ca(pool, row).is_retired, "disabled");
    row[SCHEMA_AUTHORITIES_ENABLED] = "1";
    ok(!rows_ca(pool, row).is_retired, "enabled");
    row[SCHEMA_AUTHORITIES_REVISION] = "{ }";
    ok(strcmp(rows_ca(pool, row).key_revision, ca.key_revision) != 0,
       "another pair");
    row[SCHEMA_AUTHORITIES_NAME] = row[SCHEMA_AUTHORITIES_CN] = NULL;
    ca = rows_ca(pool, row);
    ok(!*ca.name && !*ca.cn, "a CA without names");
    memset(row, 0, sizeof(row));
    ca = rows_ca(pool, row);
    ok(!*ca.id && !*ca.stored && !ca.certificate.len && ca.key_revision,
       "NULLs");
}

static void test_key(void)
{
    const char *row[SCHEMA_AUTHORITIES_WIDTH] = {
        [SCHEMA_CERTIFICATE_SERIAL] = "AB:CD",
        [SCHEMA_AUTHORITIES_OPTIONS] = "7B7D",
        [SCHEMA_AUTHORITIES_REVISION] = "{}",
    };
    rows_key_t key = rows_key(pool, row);

    is(key.options, "{}", "its options");
    is(key.stored, "AB:CD", "and serial");
    is(key.revision, rows_ca(pool, row).key_revision, "and which they are");
    row[SCHEMA_AUTHORITIES_OPTIONS] = SCHEMA_FORBIDDEN;
    key = rows_key(pool, row);
    ok(key.options_forbidden && !key.options, "options not to be read");
    memset(row, 0, sizeof(row));
    key = rows_key(pool, row);
    ok(!key.options_forbidden && !key.options && !*key.stored, "none");
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

/* -- whose a serial is ----------------------------------------------------- */

static void test_other_ca(void)
{
    static const struct {
        const char *name, *asked;
        row_t row; /* besides the CA's */
        const char *other;
    } tests[] = {
        { "its own",
          "ABCDE",
          { .kind = "leaf", .issuer = "7", .serial = "0ABCDE" },
          NULL },
        { "another's",
          "ABCDE",
          { .kind = "leaf", .issuer = "8", .serial = "0ABCDE" },
          "8" },
        { "another CA's",
          "ABCDE",
          { .kind = "ca", .id = "9", .issuer = "8", .serial = "0ABCDE" },
          "8" },
        { "a neighbour",
          "ABCDF",
          { .kind = "leaf", .issuer = "8", .serial = "0ABCDE" },
          NULL },
        { "nobody's", "ABCDE", { .kind = "leaf", .serial = "0ABCDE" }, NULL },
        { "not to be read",
          "ABCDE",
          { .kind = "leaf", .issuer = "8", .serial = "?" },
          NULL },
    };
    const schema_t *schema = ask_schema(pool, "sqlite3");
    size_t i;

    for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
        row_t rows[ASK_ROWS] = {
            { .kind = "ca", .id = "7", .issuer = "7", .serial = "00CA5E" },
            tests[i].row,
        };
        answer_t answer;

        rows[1].revoked = "0";
        answer = ask_status(pool, schema, NULL, rows, tests[i].asked, 1);
        ok(answer.result == OCSP_RESPONDER_LOOKUP_DONE, "%s", tests[i].name);
        is(answer.status.other_ca, tests[i].other, "  is whose it is");
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_ca();
    test_key();
    test_certificate();
    test_other_ca();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
