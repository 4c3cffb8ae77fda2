/* SPDX-License-Identifier: Apache-2.0
 * source/crl/: what CRLs say of a CA's certificates. */
#include "crl_files.h"

/* -- one full CRL ---------------------------------------------------------- */

static void test_entries(void)
{
    const apr_array_header_t *files = one((crls_t){
        ROOT_CRL,
        .entries = { { "01" },
                     { "0ABC", 1 },
                     { "00", 4 },
                     { "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 6 },
                     { "77", 1, "20240102030405Z" },
                     { "-05" },
                     { "80", 10 } } });

    is(ask(files, "01"), "revoked 0h ago, 0", "revoked without a reason");
    is(ask(files, "0ABC"), "revoked 1h ago, 1", "with one");
    is(ask(files, ""), "revoked 2h ago, 4", "the serial zero");
    is(ask(files, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"),
       "revoked 3h ago, 6", "a long one");
    is(ask(files, "77"), "revoked 4h ago, 1, since 1704164645",
       "with an invalidity date");
    is(ask(files, "80"), "revoked 6h ago, 10", "one whose top bit is set");
    is(ask(files, "05"), "unknown", "a negative one is nobody else's");
    is(ask(files, "FB"), "unknown", "nor that with its bytes");
    is(ask(files, "02"), "unknown", "one that is not there is unknown");
    is(ask_full(files, "02"), "good", "or good, where that is asked for");
    is(ask_full(files, "01"), "revoked 0h ago, 0", "which revokes as well");
    is(ask(one((crls_t){ ROOT_CRL }), "01"), "unknown", "an empty CRL");
}

static void test_forms(void)
{
    const bytes_t der =
        crls_make(pool, (crls_t){ ROOT_CRL, .entries = { { "01" } } });
    const bytes_t text = { (const unsigned char *)"a comment\n", 10 };
    const bytes_t key = crls_pem(pool, "PRIVATE KEY", text);
    const bytes_t pem = crls_pem(pool, "X509 CRL", der);
    apr_array_header_t *files = begin();

    add(files, "pem", pem);
    is(ask(files, "01"), "revoked 0h ago, 0", "PEM");
    files = begin();
    add(files, "pem", bytes_join(pool, key, bytes_join(pool, text, pem)));
    is(ask(files, "01"), "revoked 0h ago, 0", "behind something else");
    files = begin();
    add(files, "pem",
        bytes_join(pool,
                   crls_pem(pool, "X509 CRL",
                            crls_make(pool,
                                      (crls_t){ .issuer = "another",
                                                .key = other_key })),
                   pem));
    is(ask(files, "01"), "revoked 0h ago, 0", "behind another CA's");
}

/* Cut anywhere it is useless, or nothing is lost. */
static void test_cut(void)
{
    const bytes_t der = crls_make(
        pool, (crls_t){ ROOT_CRL, .entries = { { "01" }, { "02", 1 } } });
    const bytes_t files[] = { der, crls_pem(pool, "X509 CRL", der) };
    size_t i;

    for (i = 0; i < COUNT(files); i++) {
        bytes_t cut = files[i];
        int taken = 0;
        const char *why;

        for (cut.len = 0; cut.len < files[i].len - 1; cut.len++)
            taken += parse(cut, &why) != NULL;
        ok(taken == 0, "%s cut anywhere is not taken", i ? "PEM" : "DER");
    }
}

static void test_useless(void)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        { "", "it is neither a CRL nor a certificate, in PEM or DER" },
        { "foobar", "it is neither a CRL nor a certificate, in PEM or DER" },
        { "0foobar", "it is neither a CRL nor a certificate, in PEM or DER" },
        { "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
          "there is neither a CRL nor a certificate in it" },
        { "-----BEGIN X509 CRL-----\nMAAA\n-----END X509 CRL-----\n",
          "it cannot be read as a CRL" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const bytes_t bytes = { (const unsigned char *)rows[i].text,
                                strlen(rows[i].text) };
        const char *why = NULL;

        ok(!parse(bytes, &why), "useless: %.20s", rows[i].text);
        is(why, rows[i].why, "  as it says");
        ok(ERR_peek_error() == 0, "  and no error is left");
    }
}

static void test_times(void)
{
    const crls_t list = { ROOT_CRL, .entries = { { "01" } } };
    const apr_time_t day = apr_time_from_sec(PKI_DAY);

    is(ask_of(root, one(list), "01", GOOD, NOW + day - 1), "revoked 0h ago, 0",
       "it counts until its end");
    is(ask_of(root, one(list), "01", GOOD, NOW + day),
       "later: one.crl: its CRL has ended at Wed, 02 Jan 2030 00:00:00 GMT",
       "and then no more");
    is(ask_of(root, one(list), "02", GOOD, NOW + day),
       "later: one.crl: its CRL has ended at Wed, 02 Jan 2030 00:00:00 GMT",
       "for what is not in it either");
    is(ask_of(root, one(list), "01", GOOD, NOW - day - 1),
       "later: one.crl: its CRL begins at Mon, 31 Dec 2029 00:00:00 GMT only",
       "nor before its beginning");
    is(ask(one((crls_t){ ROOT_CRL, .has_no_end = 1 }), "01"),
       "failed: one.crl: it does not say when the next is due (nextUpdate), as "
       "RFC 5280 §5.1.2.5 demands",
       "one without an end");
}

static void test_bounds(void)
{
    ocsp_responder_status_t status = { UNKNOWN };
    const crl_question_t question = { { (const unsigned char *)"\x01", 1 },
                                      IS_GOOD,
                                      NOW };
    const char *why;
    const crl_view_t *view = crl_view_create(
        pool, root,
        two((crls_t){ ROOT_CRL, .from = -7200, .to = 7200, .number = 1 },
            (crls_t){ ROOT_CRL, .from = -3600, .to = 3600, .number = 2,
                      .base = 1, .entries = { { "02" } } }));

    crl_view_status(view, pool, &question, &status, &why);
    ok(status.this_update == NOW - apr_time_from_sec(3600),
       "an answer is not newer than its CRLs");
    ok(status.next_update == NOW + apr_time_from_sec(3600),
       "and ends with the first of them");
    ok(!crl_view_lapse(view, pool, status.next_update - 1)
           && crl_view_lapse(view, pool, status.next_update),
       "and the view tells when they have lapsed");
}

static void test_unusable(void)
{
    static const char unknown[] =
        "failed: one.crl: it has a critical extension that is not known here";

    is(ask(one((crls_t){ ROOT_CRL, .odd = "1.2.3.4" }), "01"), unknown,
       "an unknown critical extension");
    is(ask(one((crls_t){ ROOT_CRL, .entries = { { "05", .odd = "1.2.3" } } }),
           "01"),
       unknown, "in an entry");
    is(ask(one((crls_t){ ROOT_CRL, .scope = "critical,onlyAA:TRUE" }), "01"),
       "failed: one.crl: it is about attribute certificates only",
       "attribute certificates");
    is(ask(one((crls_t){ ROOT_CRL,
                         .entries = { { "05", .issuer = "another" } } }),
           "01"),
       "failed: one.crl: it names other issuers' certificates, though it does "
       "not say that it is indirect",
       "a certificateIssuer in a direct CRL");
}

/* -- who signed ------------------------------------------------------------ */

static void test_keys(void)
{
    static const char *const kinds[] = { "RSA",      "RSA-PSS",  "EC:P-384",
                                         "ED25519",  "EC:P-256", "ED448",
                                         "ML-DSA-65" };
    size_t i;

    for (i = 0; i < COUNT(kinds); i++) {
        EVP_PKEY *key = pki_can(kinds[i]) ? pki_key(pool, kinds[i]) : NULL;
        X509 *ca = key ? pki_root(pool, key) : NULL;
        const bytes_t der = key ? crls_make(pool,
                                            (crls_t){ .issuer = "root",
                                                      .key = key,
                                                      .entries = { { "01" } } })
                                : (bytes_t){ NULL, 0 };
        unsigned char *flipped = apr_pmemdup(pool, der.data, der.len);
        const bytes_t wrong = { flipped, der.len };
        apr_array_header_t *files = begin();

        if (!key) {
            printf("# this OpenSSL has no %s\n", kinds[i]);
            continue;
        }
        add(files, "right", der);
        is(ask_of(ca, files, "01", UNKNOWN, NOW), "revoked 0h ago, 0",
           kinds[i]);
        flipped[der.len - 5] ^= 1;
        files = begin();
        add(files, "wrong", wrong);
        ok(strncmp(ask_of(ca, files, "01", UNKNOWN, NOW), "failed: ", 8) == 0,
           "  with a bit flipped");
    }
}

static void test_others(void)
{
    const crls_t forged = { .issuer = "root",
                            .key = other_key,
                            .entries = { { "01" } } };
    const crls_t others = { .issuer = "another", .key = other_key };
    static const char signature[] =
        "failed: one.crl: it is not signed by the CA, nor by a certificate "
        "among the files that may sign its CRLs";

    is(ask(one(forged), "01"), signature, "a CRL that another has signed");
    is(ask(one(others), "01"), "failed: the files have no full CRL of the CA",
       "a CRL of another CA");
    is(ask(two(forged, (crls_t){ ROOT_CRL, .entries = { { "02" } } }), "02"),
       "revoked 0h ago, 0", "beside the CA's own it does no harm");
    is(ask(two(forged, (crls_t){ ROOT_CRL, .entries = { { "02" } } }), "01"),
       "unknown", "nor does it say anything");
}

static void test_usage(void)
{
    X509 *plain = pki_cert(pool,
                           (pki_cert_t){ .cn = "root",
                                         .key = root_key,
                                         .ca = "critical,CA:TRUE",
                                         .usage = "critical,keyCertSign" });

    ok(strncmp(ask_of(plain, one((crls_t){ ROOT_CRL, .entries = { { "01" } } }),
                      "01", UNKNOWN, NOW),
               "failed: ", 8)
           == 0,
       "a CA without cRLSign cannot sign one");
}

/* -- several --------------------------------------------------------------- */

static void test_newer(void)
{
    const crls_t old = { ROOT_CRL, .number = 255, .entries = { { "01" } } };
    const crls_t new = { ROOT_CRL, .number = 256, .entries = { { "02" } } };

    is(ask(two(old, new), "02"), "revoked 0h ago, 0", "the newer counts");
    is(ask(two(new, old), "02"), "revoked 0h ago, 0", "in any order");
    is(ask(two(old, new), "01"), "unknown", "and the older no more");
    is(ask(two((crls_t){ ROOT_CRL, .from = -9000, .to = 99999 },
               (crls_t){ ROOT_CRL, .from = -900, .to = 99999,
                         .entries = { { "02" } } }),
           "02"),
       "revoked 0h ago, 0", "without numbers, by its date");
}

#define MISSING \
    "later: one.crl: it may be in the full CRL that its delta CRL continues, " \
    "which is missing"

static void test_deltas(void)
{
    const crls_t full = { ROOT_CRL, .number = 5,
                          .entries = { { "01" }, { "02", 6 }, { "03", 6 } } };
    crls_t delta = { ROOT_CRL, .number = 7, .base = 5,
                     .entries = { { "04", 1 }, { "02", 8 }, { "03", 1 } } };
    const apr_array_header_t *files = two(delta, full);

    is(ask_full(files, "01"), "revoked 0h ago, 0", "what the full list has");
    is(ask_full(files, "04"), "revoked 0h ago, 1", "what the delta adds");
    is(ask_full(files, "02"), "good", "what it removes");
    is(ask_full(files, "03"), "revoked 2h ago, 1", "what it changes");
    is(ask_full(files, "05"), "good", "what is in neither");
    delta.base = 6;
    files = two(delta, full);
    is(ask_full(files, "04"), "revoked 0h ago, 1",
       "one for a later full list revokes, too");
    is(ask_full(files, "02"), "revoked 1h ago, 6", "but removes nothing");
    is(ask_full(files, "05"), MISSING, "and others may be revoked");
    is(ask(files, "05"), "unknown", "which is no matter for unknown");
    delta.base = 4;
    is(ask_full(two(delta, full), "04"), "revoked 0h ago, 1",
       "one for an earlier does");
    delta.number = 5;
    is(ask_full(two(delta, full), "02"), "revoked 1h ago, 6",
       "one that is not newer does not");
    delta.number = 7;
    delta.scope = "critical,onlyuser:TRUE";
    is(ask_full(two(delta, full), "04"), "revoked 0h ago, 1",
       "one of another scope revokes");
    is(ask_full(two(delta, full), "02"), "revoked 1h ago, 6",
       "and removes nothing");
    is(ask_full(two(delta, full), "05"), MISSING, "nor is anybody good");
    delta.from = -2 * PKI_DAY;
    delta.to = PKI_DAY;
    is(ask_full(two(delta, full), "04"), "good", "unless it is older");
    delta.from = delta.to = 0;
    delta.scope = NULL;
    delta.entries[3] = (crls_entry_t){ "04", 8 };
    is(ask_full(two(full, delta), "04"), "revoked 0h ago, 1",
       "an entry that revokes counts before one that lifts a hold");
    delta.entries[0].reason = 8;
    delta.entries[3].reason = 1;
    is(ask_full(two(full, delta), "04"), "revoked 3h ago, 1", "in any order");
    is(ask_full(one(delta), "04"),
       "failed: the files have no full CRL of the CA", "a delta alone");
    delta.from = -7200;
    delta.to = -3600;
    is(ask_full(two(full, delta), "01"),
       "later: two.crl: its CRL has ended at Mon, 31 Dec 2029 23:00:00 GMT",
       "one that has ended");
}

int main(void)
{
    begin_tests();
    test_entries();
    test_forms();
    test_cut();
    test_useless();
    test_times();
    test_bounds();
    test_unusable();
    test_keys();
    test_others();
    test_usage();
    test_newer();
    test_deltas();
    return end_tests();
}
