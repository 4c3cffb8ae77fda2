/* SPDX-License-Identifier: Apache-2.0
 * source/table/: what the rows of a table say. */
/* What is left out is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#include <apr_general.h>
#include <openssl/pem.h>
#include "pki.h"
#include "source/table/table_ca.h"
#include "source/table/table_json.h"
#include "source/table/table_query.h"
#include "source/table/table_row.h"
#include "source/table/table_value.h"
#include "tables.h"

static apr_pool_t *pool;
static EVP_PKEY *root_key;
static X509 *root;
static const table_ca_facts_t *facts;

/* -- rows ------------------------------------------------------------------ */

typedef struct {
    const char *columns[TABLE_QUERY_WIDTH];
} row_t;

static const char *ask_rows(const table_t *table, const row_t *found, int count,
                            const char *serial)
{
    const char *const *list[TABLE_QUERY_ROWS];
    const db_rows_t rows = { list, count, TABLE_QUERY_WIDTH };
    const table_question_t question = { .table = table,
                                        .ca = facts,
                                        .serial = number(pool, serial),
                                        .wants_cert_hash = 1 };
    ocsp_responder_status_t status = { OCSP_RESPONDER_UNKNOWN };
    const char *why = NULL, *text;
    int i;

    for (i = 0; i < count; i++)
        list[i] = found[i].columns;
    if (table_row_status(&question, pool, &rows, &status, &why)
        != OCSP_RESPONDER_LOOKUP_DONE)
        return why;
    if (status.cert_status != OCSP_RESPONDER_REVOKED)
        return apr_pstrcat(
            pool,
            status.cert_status == OCSP_RESPONDER_GOOD ? "good" : "unknown",
            status.cert_hash.data ? " hash" : "", NULL);
    text =
        apr_psprintf(pool, "revoked %ld %d",
                     (long)apr_time_sec(status.revocation_time), status.reason);
    if (status.has_invalidity_date)
        text = apr_psprintf(pool, "%s since %ld", text,
                            (long)apr_time_sec(status.invalidity_date));
    return apr_pstrcat(pool, text, status.cert_hash.data ? " hash" : "",
                       status.warning ? " (" : "",
                       status.warning ? status.warning : "",
                       status.warning ? ")" : "", NULL);
}

static const char *ask(const table_t *table, row_t row)
{
    return ask_rows(table, &row, 1, "0ABC");
}

static void test_states(void)
{
    static const struct {
        row_t row;
        const char *says;
    } rows[] = {
        { { { "abc", "V" } }, "good" },
        { { { "0ABC", "V", "1", "9" } }, "good" },
        { { { "abc", "R", NULL, "1700000000" } }, "revoked 1700000000 0" },
        { { { "abc", "R", "1", "1700000000" } }, "revoked 1700000000 1" },
        { { { "abc", "R", "-1", "1700000000" } }, "revoked 1700000000 0" },
        { { { "abc", "R", "key_compromise", "1700000000", "1600000000" } },
          "revoked 1700000000 1 since 1600000000" },
        { { { "abc", "R", "CACompromise", "1700000000", "" } },
          "revoked 1700000000 2" },
        { { { "abc", "R", "cACompromise", "1700000000" } },
          "revoked 1700000000 2" },
        { { { "abc", "R", "7", "1700000000" } },
          "revoked 1700000000 0 (reason has \"7\", which cannot be read: it is "
          "left out)" },
        { { { "abc", "R", "1", "1700000000", "then" } },
          "revoked 1700000000 1 (invalid_at has \"then\", which cannot be "
          "read: it is left out)" },
        { { { "abc", "N" } }, "unknown" },
        { { { "abc", "A", "-1", "0" } }, "good" },
        { { { "abc", "A", "4", "1700000000" } }, "revoked 1700000000 4" },
        { { { "abd", "V" } }, "unknown" },
        { { { "abc", "X" } },
          "state has \"X\", of which Status does not say what it means" },
        { { { "abc", "v" } },
          "state has \"v\", of which Status does not say what it means" },
        { { { "abc", "" } },
          "state has \"\", of which Status does not say what it means" },
        { { { "abc", NULL } },
          "state is NULL, of which Status does not say what it means" },
        { { { "abc", "R", "1", NULL } },
          "it is revoked, and revoked_at has no time" },
        { { { "abc", "R", "1", "0" } },
          "it is revoked, and revoked_at has no time" },
        { { { "abc", "R", "1", "soon" } },
          "it is revoked, and revoked_at has \"soon\", which is not a time "
          "that can be read" },
        { { { "xyz", "V" } },
          "serial has \"xyz\", which is not a serial that can be read" },
        { { { NULL, "V" } },
          "serial has \"NULL\", which is not a serial that can be read" },
    };
    const table_t *table = describe(pool, NULL);
    const row_t twice[] = { rows[0].row, rows[2].row };
    const row_t neighbour[] = { { { "abd", "R", NULL, "1" } }, rows[0].row };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(ask(table, rows[i].row), rows[i].says, rows[i].says);
    is(ask_rows(table, twice, 2, "0ABC"), "more than one row has its serial",
       "two rows");
    is(ask_rows(table, neighbour, 2, "0ABC"), "good", "a neighbour's beside");
    is(ask_rows(table, NULL, 0, "0ABC"), "unknown", "none was never issued");
    is(ask_rows(describe(pool, WITH({ "Absent", "good" })), NULL, 0, "0ABC"),
       "good", "or is good, where the table has revoked ones only");
}

/* The query finds no more, and the CA's row may be the next. */
static void test_too_many(void)
{
    static const char many[] =
        "so many rows have its serial that not all were looked at";
    const table_t *table = describe(pool, WITH({ "Absent", "good" }));
    row_t *others = apr_palloc(pool, TABLE_QUERY_ROWS * sizeof(*others));
    int i;

    for (i = 0; i < TABLE_QUERY_ROWS; i++)
        others[i] = (row_t){ { "abd", "V" } };
    is(ask_rows(table, others, TABLE_QUERY_ROWS, "0ABC"), many, "too many");
    is(ask_rows(table, others, TABLE_QUERY_ROWS - 1, "0ABC"), "good",
       "all that there are");
    others[0].columns[0] = "abc";
    is(ask_rows(table, others, TABLE_QUERY_ROWS, "0ABC"), many,
       "there may be another like the one that is found");
}

/* A join that finds nothing is NULL; anything else has a star. */
static void test_joined(void)
{
    const table_t *table =
        describe(pool, WITH({ "Status", "r.serial NULL=good *=revoked" }));

    is(ask(table, (row_t){ { "abc", NULL } }), "good", "no revocation");
    is(ask(table, (row_t){ { "abc", "ABC", "4", "1700000000" } }),
       "revoked 1700000000 4", "one");
    is(ask(table, (row_t){ { "abc", "", "4", "1700000000" } }),
       "revoked 1700000000 4", "an empty text is one, too");
}

static void test_none(void)
{
    const table_t *table = describe(
        pool,
        WITH({ "Serial", "serial decimal" },
             { "RevokedAt", "at timestamp none=0001-01-01 none=0000-00-00" }));
    static const char *const none[] = { "0001-01-01 00:00:00", "0001-01-01",
                                        "0000-00-00", NULL };
    size_t i;

    for (i = 0; i < COUNT(none); i++)
        is(ask(table, (row_t){ { "2748", "R", NULL, none[i] } }),
           "it is revoked, and at has no time", none[i] ? none[i] : "NULL");
    is(ask(table,
           (row_t){ { "\\x32373438", "\\x52", NULL, "2023-11-14 22:13:20" } }),
       "revoked 1700000000 0", "PostgreSQL's bytea is text as well");
}

static void test_json(void)
{
    static const struct {
        const char *text, *value;
    } rows[] = {
        { "{\"a\":1}", "1" },
        { " { \"b\" : [1,{\"a\":5}] , \"a\" : \"x\" } ", "x" },
        { "{\"a\":\"\"}", "" },
        { "{\"a\":true,\"a\":2}", "true" },
        { "{\"b\":\"\\\"a\\\":1\",\"a\":-2.5}", "-2.5" },
        { "{\"b\":{\"a\":1}}", NULL },
        { "{\"a\":null}", NULL },
        { "{\"a\":{}}", NULL },
        { "{\"a\":\"\\u0041\"}", NULL },
        { "{\"a\":\"x", NULL },
        { "{\"a\"", NULL },
        { "{\"a\":", NULL },
        { "{", NULL },
        { "{}", NULL },
        { "[]", NULL },
        { "", NULL },
        { "{\"b\":[", NULL },
        { "{\"ab\":1}", NULL },
    };
    const table_t *table = describe(
        pool,
        WITH({ "Status", "r NULL=good *=revoked" }, { "Reason", "r json=Code" },
             { "RevokedAt", "r timestamp json=At" }));
    static const char json[] =
        "{\"Serial\":\"1\",\"Code\":4,\"At\":\"2023-11-14T22:13:20.5Z\"}";
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(table_json_member(pool, rows[i].text, "a"), rows[i].value,
           rows[i].text);
    is(ask(table, (row_t){ { "abc", json, json, json } }),
       "revoked 1700000000 4", "columns out of JSON");
    is(ask(table, (row_t){ { "abc", "{", "{", "{" } }),
       "it is revoked, and r has no time", "and out of none");
}

/* -- CAs ------------------------------------------------------------------- */

static bytes_t pem_of(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bytes_t bytes;
    char *text;

    MUST(PEM_write_bio_X509(bio, certificate));
    bytes.len = (apr_size_t)BIO_get_mem_data(bio, &text);
    bytes.data = (unsigned char *)apr_pstrmemdup(pool, text, bytes.len);
    BIO_free(bio);
    return bytes;
}

static const char *leaf_pem(const char *issuer, EVP_PKEY *key)
{
    X509 *leaf = pki_cert(pool,
                          (pki_cert_t){ .cn = "leaf",
                                        .key = key,
                                        .issuer_cn = issuer,
                                        .issuer_key = root_key,
                                        .serial = "0ABC" });

    return (const char *)pem_of(leaf).data;
}

static void test_certificates(void)
{
    const table_t *table = describe(
        pool, WITH({ "CA", "certificate" }, { "Certificate", "pem pem" }));
    const char *own = leaf_pem("root", root_key);
    const char *others = leaf_pem("another", root_key);
    const row_t odd = { { "abd", "V", NULL, NULL, NULL, own } };
    const table_t *any = describe(pool, WITH({ "Certificate", "pem pem" }));

    is(ask_rows(any, &odd, 1, "0ABD"), "good", "another's: no hash");
    is(ask(table, (row_t){ { "abc", "V", NULL, NULL, NULL, own } }),
       "good hash", "a certificate of the CA's");
    is(ask(table, (row_t){ { "abc", "V", NULL, NULL, NULL, others } }),
       "unknown", "one of another's");
    is(ask_rows(table, &odd, 1, "0ABD"), "unknown",
       "one with another serial than its row");
    is(ask(table, (row_t){ { "abc", "V", NULL, NULL, NULL, "garbage" } }),
       "pem has no certificate that can be read", "none");
    is(ask(table, (row_t){ { "abc", "V" } }),
       "pem has no certificate that can be read", "NULL");
}

/* SQLite keeps large numbers as floating point. */
static void test_rounded(void)
{
    const table_t *table = describe(pool, WITH({ "Serial", "s numeric" }));
    const char *own = leaf_pem("root", root_key);
    static const char rounded[] = "2.748e+03";

    is(ask(table, (row_t){ { "2748", "V" } }), "good", "a whole number");
    is(ask(table, (row_t){ { rounded, "V", NULL, NULL, NULL, own } }),
       "good hash", "a rounded one, and its certificate");
    is(ask_rows(table, &(row_t){ { rounded, "V", NULL, NULL, NULL, own } }, 1,
                "0ABD"),
       "unknown", "the certificate of a neighbour");
    is(ask(table, (row_t){ { rounded, "V" } }),
       "s has \"2.748e+03\", which is not a serial that can be read",
       "none: there is no telling");
    is(ask(table, (row_t){ { rounded, "V", NULL, NULL, NULL, "garbage" } }),
       "s has \"2.748e+03\", which is not a serial that can be read",
       "one that cannot be read");
}

/* What a database takes for the same, and is not. */
static void test_taken_for_another(void)
{
    static const struct {
        table_ca_t form;
        const char *asked, *text;
        int is_it;
    } values[] = {
        { TABLE_CA_ARGUMENT, "root", "root", 1 },
        { TABLE_CA_ARGUMENT, "root", "Root", 0 },
        { TABLE_CA_ARGUMENT, "ca", "CA", 0 },
        { TABLE_CA_ARGUMENT, "root", "root ", 0 },
        { TABLE_CA_ARGUMENT, "007", "7", 1 },
        { TABLE_CA_ARGUMENT, "7", "007", 1 },
        { TABLE_CA_ARGUMENT, "7", "70", 0 },
        { TABLE_CA_ARGUMENT, "7x", "7", 0 },
        { TABLE_CA_ARGUMENT, "1e1", "10", 0 },
        { TABLE_CA_ARGUMENT, "0", "", 0 },
        { TABLE_CA_ARGUMENT, "0F0E0D0C-0000-4000-8000-00000000000A",
          "0f0e0d0c-0000-4000-8000-00000000000a", 1 },
        { TABLE_CA_SHA1_HEX, "beef", "BEEF", 1 },
        { TABLE_CA_BASE64, "MIIB", "MIIb", 0 },
    };
    const char *const kinds[] = { "integer", "real", "numeric", "INTEGER" };
    const table_t *table = describe(pool, NULL);
    size_t i;

    for (i = 0; i < COUNT(values); i++)
        ok(table_ca_is_value(values[i].form, values[i].asked, values[i].text)
               == values[i].is_it,
           "CA %s: %s", values[i].asked, values[i].text);
    for (i = 0; i < COUNT(kinds); i++)
        is(ask_rows(table,
                    &(row_t){
                        { "10", "V", NULL, NULL, NULL, NULL, NULL, kinds[i] } },
                    1, "10"),
           "serial is a number in the database, where Serial says hex: its "
           "digits are decimal, or have been rewritten",
           kinds[i]);
    is(ask(describe(pool, WITH({ "Serial", "serial bytes" })),
           (row_t){ { "10", "V", NULL, NULL, NULL, NULL, NULL, "text" } }),
       "serial is text in the database, where Serial says bytes", "letters");
    is(ask(table,
           (row_t){ { "abc", "V", NULL, NULL, NULL, NULL, NULL, "text" } }),
       "good", "text");
}

/* Two CAs of one name: where no identifier tells, the signature does. */
static void test_same_name(void)
{
    const table_t *table = describe(
        pool, WITH({ "CA", "certificate" }, { "Certificate", "pem pem" }));
    EVP_PKEY *key = pki_key(pool, "EC:P-256");
    X509 *leaf = pki_cert(pool,
                          (pki_cert_t){ .cn = "leaf",
                                        .key = key,
                                        .issuer_cn = "root",
                                        .issuer_key = key,
                                        .serial = "0ABC" });

    ok(!X509_get0_authority_key_id(leaf),
       "a certificate without an identifier");
    is(ask(table,
           (row_t){ { "abc", "V", NULL, NULL, NULL,
                      (const char *)pem_of(leaf).data } }),
       "unknown", "of another CA of the same name");
}

/* -- what profiles object to ----------------------------------------------- */

static const char *objection(const table_t *table, row_t row,
                             ocsp_responder_objection_t what)
{
    const char *const *list[] = { row.columns };
    const db_rows_t rows = { list, 1, TABLE_QUERY_WIDTH };
    const table_question_t question = { .table = table, .ca = facts };

    return table_row_objection(&question, pool, &rows, what);
}

static void test_objections(void)
{
    static const struct {
        row_t row;
        const char *serial;
    } rows[] = {
        { { { "0abc", "R", "6", "1700000000" } }, "ABC" },
        { { { "abc", "A", "certificate_hold", "1700000000" } }, "ABC" },
        { { { "abc", "V", "6", "1700000000" } }, NULL },
        { { { "abc", "R", "1", "1700000000" } }, NULL },
        { { { "abc", "R", "6", "soon" } }, NULL },
        { { { "xyz", "R", "6", "1700000000" } }, NULL },
        { { { NULL, "R", "6", "1700000000" } }, NULL },
    };
    const table_t *table = describe(pool, NULL);
    const char *ca = (const char *)pem_of(root).data;
    const char *leaf = leaf_pem("root", root_key);
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(objection(table, rows[i].row, OCSP_RESPONDER_ON_HOLD),
           rows[i].serial, rows[i].serial ? "on hold" : "not on hold");
    is(objection(table, (row_t){ { "1", "R", NULL, "1", NULL, ca } },
                 OCSP_RESPONDER_CA_WITHOUT_REASON),
       "1", "a CA revoked without a reason");
    is(objection(table, (row_t){ { "1", "R", "4", "1", NULL, ca } },
                 OCSP_RESPONDER_CA_WITHOUT_REASON),
       NULL, "with one");
    is(objection(table, (row_t){ { "abc", "R", NULL, "1", NULL, leaf } },
                 OCSP_RESPONDER_CA_WITHOUT_REASON),
       NULL, "no CA");
    is(objection(table, (row_t){ { "abc", "R", NULL, "1", NULL, "garbage" } },
                 OCSP_RESPONDER_CA_WITHOUT_REASON),
       NULL, "nobody can tell");
    ok(ERR_peek_error() == 0, "and OpenSSL's errors are gone");
}

static void test_ca_values(void)
{
    const bytes_t pem = pem_of(root);
    const char *why = NULL;
    unsigned char digest[20];

    X509_digest(root, EVP_sha1(), digest, NULL);
    is(table_ca_value(facts, pool, TABLE_CA_SHA1_HEX, NULL),
       apr_pescape_hex(pool, digest, 20, 0), "SHA-1 in hex");
    ok(strlen(table_ca_value(facts, pool, TABLE_CA_SHA1_BASE64URL, NULL)) == 27,
       "in base64url without padding");
    X509_pubkey_digest(root, EVP_sha1(), digest, NULL);
    is(table_ca_value(facts, pool, TABLE_CA_SKI_HEX, NULL),
       apr_pescape_hex(pool, digest, 20, 0), "the key's");
    is(table_ca_value(facts, pool, TABLE_CA_ARGUMENT, "7"), "7", "a word");
    is(table_ca_value(facts, pool, TABLE_CA_ANY, "7"), NULL, "nothing");
    ok(strncmp(table_ca_value(facts, pool, TABLE_CA_BASE64, NULL),
               (const char *)pem.data + 28, 64)
           == 0,
       "the certificate in base64");
    ok(!table_ca_read(pool, number(pool, "00"), &why), "no certificate");
    ok(why && *why && ERR_peek_error() == 0, "%s", why);
}

int main(void)
{
    const char *why;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    root_key = pki_key(pool, "EC:P-256");
    root = pki_root(pool, root_key);
    facts = table_ca_read(pool, pem_of(root), &why);
    test_states();
    test_too_many();
    test_joined();
    test_none();
    test_json();
    test_certificates();
    test_rounded();
    test_taken_for_another();
    test_same_name();
    test_objections();
    test_ca_values();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
