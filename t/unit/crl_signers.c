/* SPDX-License-Identifier: Apache-2.0
 * source/crl/: CRLs whose signature is wrong, and certificates of those who
 * sign CRLs in a CA's place. */
#include "crl_files.h"

#define NOT_SIGNED \
    "it is not signed by the CA, nor by a certificate among the files that " \
    "may sign its CRLs"

/* -- signatures that are wrong --------------------------------------------- */

/* The promise is never to guess: the older state may lack a revocation. */
static void test_newer_forged(void)
{
    const crls_t full = { ROOT_CRL, .number = 5, .entries = { { "01" } } };
    const crls_t good = { ROOT_CRL, .number = 7, .base = 5,
                          .entries = { { "02" } } };
    crls_t forged = { .issuer = "root",
                      .key = other_key,
                      .number = 6,
                      .base = 5,
                      .entries = { { "01", 8 } } };
    apr_array_header_t *files = two(full, forged);

    is(ask_full(files, "02"), "failed: two.crl: " NOT_SIGNED, "a newer delta");
    is(ask_full(files, "01"), "failed: two.crl: " NOT_SIGNED,
       "  what it removes is not good");
    add(files, "three.crl", crls_make(pool, good));
    is(ask_full(files, "02"), "revoked 0h ago, 0",
       "  but does no harm beside a newer one");
    is(ask_full(files, "01"), "revoked 0h ago, 0", "  nor says anything");
    forged.number = 4;
    is(ask_full(two(full, forged), "02"), "good", "an older delta does none");
    forged.number = 6;
    forged.base = 0;
    is(ask_full(two(full, forged), "02"), "failed: two.crl: " NOT_SIGNED,
       "a newer full one");
    is(ask(two(full, forged), "02"), "failed: two.crl: " NOT_SIGNED,
       "  where absence is unknown, too");
    forged.number = 4;
    is(ask_full(two(full, forged), "02"), "good", "an older full one");
}

/* -- a CA that has changed its key ----------------------------------------- */

/* The CRL of its old key. */
static crls_t crl_of_old(void)
{
    return (crls_t){ ROOT_CRL, .number = 5, .key_id = "AAAA",
                     .entries = { { "01" } } };
}

/* The CRL of its new one. */
static crls_t crl_of_new(void)
{
    return (crls_t){ .issuer = "root",
                     .key = other_key,
                     .key_id = "BBBB",
                     .number = 6,
                     .entries = { { "02" } } };
}

/* Its certificate for a key, which it has signed itself. */
static X509 *of_key(EVP_PKEY *key, const char *id)
{
    return pki_cert(
        pool,
        (pki_cert_t){
            .cn = "root", .key = key, .own_id = id, .ca = "critical,CA:TRUE" });
}

/* It has two certificates and two CRLs. */
static void test_rollover(void)
{
    X509 *old = of_key(root_key, "AAAA"), *new = of_key(other_key, "BBBB");
    X509 *renewed = pki_cert(pool,
                             (pki_cert_t){ .cn = "root",
                                           .key = root_key,
                                           .own_id = "AAAA",
                                           .serial = "0B00",
                                           .ca = "critical,CA:TRUE" });
    crls_t of_old = crl_of_old(), of_new = crl_of_new();
    apr_array_header_t *files = two(of_old, of_new);

    is(ask_of(old, files, "01", GOOD, NOW), "revoked 0h ago, 0",
       "the old key's CRL counts for the old key");
    is(ask_of(old, files, "02", GOOD, NOW), "good", "  and that alone");
    is(ask_of(new, files, "02", GOOD, NOW), "revoked 0h ago, 0",
       "the new key's for the new");
    is(ask_of(new, files, "01", GOOD, NOW), "good", "  and that alone");
    is(ask_of(renewed, files, "01", GOOD, NOW), "revoked 0h ago, 0",
       "a certificate renewed for the same key");
    is(ask_of(root, files, "01", GOOD, NOW), "failed: two.crl: " NOT_SIGNED,
       "a CA that does not say which key it has cannot pass over the newer");
    of_new.key_id = NULL;
    is(ask_of(old, two(of_old, of_new), "01", GOOD, NOW),
       "failed: two.crl: " NOT_SIGNED,
       "nor can one if the CRL does not say who signed");
    is(ask_of(new, two(of_old, of_new), "02", GOOD, NOW), "revoked 0h ago, 0",
       "the former key's is older");
    of_old.key_id = "AAAA";
    of_old.key = other_key;
    is(ask_of(old, one(of_old), "02", GOOD, NOW),
       "failed: one.crl: " NOT_SIGNED, "it says the CA's key, which it is not");
}

static bytes_t cross(void)
{
    const pki_cert_t is = { ROOT_NEXT, .own_id = "BBBB", .serial = "0B01" };

    return crls_certificate(pool, pki_cert(pool, is));
}

/* Each key of a CA may have a CRL of its own, about the certificates that were
 * signed with it, under one name and scope. */
static void test_keys_apart(void)
{
    X509 *old = of_key(root_key, "AAAA");
    crls_t of_old = crl_of_old(), of_new = crl_of_new();
    apr_array_header_t *files = two(of_old, of_new);

    add(files, "cross.pem", cross());
    is(ask_of(old, files, "01", GOOD, NOW), "revoked 0h ago, 0",
       "the newer key's CRL does not take back what the older's revokes");
    is(ask_of(old, files, "02", GOOD, NOW), "revoked 0h ago, 0",
       "  and revokes more");
    is(ask_of(old, files, "03", GOOD, NOW), "good", "  but not all");
    of_old.key_id = of_new.key_id = NULL;
    files = two(of_old, of_new);
    add(files, "cross.pem", cross());
    is(ask_of(old, files, "01", GOOD, NOW), "revoked 0h ago, 0",
       "nor where neither says whose it is, as in a CRL of version 1");
    of_old.key_id = "BBBB";
    files = two(of_old, of_new);
    add(files, "cross.pem", cross());
    is(ask_of(old, files, "01", GOOD, NOW), "revoked 0h ago, 0",
       "nor where one says what is wrong");
}

/* One key's newer CRL says nothing of what another key has signed. */
static void test_keys_faults(void)
{
    X509 *old = of_key(root_key, "AAAA");
    crls_t of_old = crl_of_old(), of_new = crl_of_new();
    apr_array_header_t *files;

    of_old.from = -3600;
    of_new.from = -7200;
    of_old.to = of_new.to = 3600;
    of_new.key = pki_key(pool, "EC:P-256");
    files = two(of_old, of_new);
    add(files, "cross.pem", cross());
    is(ask_of(old, files, "02", GOOD, NOW), "failed: two.crl: " NOT_SIGNED,
       "one whose signature is wrong, of a key that is known");
    of_new.key = other_key;
    of_new.from = -9000;
    of_new.entries[0].serial = "03";
    add(files, "older.crl", crls_make(pool, of_new));
    is(ask_of(old, files, "02", GOOD, NOW), "failed: two.crl: " NOT_SIGNED,
       "  beside an older one of that key");
    of_new.from = -60;
    add(files, "newer.crl", crls_make(pool, of_new));
    is(ask_of(old, files, "02", GOOD, NOW), "good", "  but not a newer");
}

static void test_keys_deltas(void)
{
    X509 *old = of_key(root_key, "AAAA");
    crls_t delta = crl_of_old(), of_new = crl_of_new();
    apr_array_header_t *files;

    delta.base = 4;
    delta.from = -7200;
    of_new.from = -3600;
    delta.to = of_new.to = 3600;
    files = two(delta, of_new);
    add(files, "cross.pem", cross());
    is(ask_of(old, files, "01", GOOD, NOW), "revoked 0h ago, 0",
       "the former key's delta, whose full CRL is missing");
    is(ask_of(old, files, "03", GOOD, NOW),
       "later: one.crl: it may be in the full CRL that its delta CRL "
       "continues, which is missing",
       "  which may have more");
    of_new.key_id = NULL;
    files = two(delta, of_new);
    add(files, "cross.pem", cross());
    is(ask_of(old, files, "01", GOOD, NOW), "revoked 0h ago, 0",
       "  though the newer one does not say whose it is");
}

/* -- who signs in the CA's place ------------------------------------------- */

static EVP_PKEY *user_key;

/* One of the root's that is no CA's. */
static X509 *user(void)
{
    return pki_cert(pool,
                    (pki_cert_t){ .cn = "user",
                                  .key = user_key,
                                  .serial = "C1",
                                  .issuer_cn = "root",
                                  .issuer_key = root_key,
                                  .usage = "critical,digitalSignature" });
}

/* A delegate's certificate, the root's if nothing else is said; what the root's
 * CRL and the delegate's have. */
static const char *ask_delegated(pki_cert_t is, const char *hex,
                                 const crls_entry_t *revoked)
{
    crls_t own = { ROOT_CRL, .scope = "critical,onlyCA:TRUE", .number = 3 };
    apr_array_header_t *files;

    is.cn = "delegate";
    is.key = other_key;
    if (!is.issuer_key) {
        is.issuer_cn = "root";
        is.issuer_key = root_key;
    }
    is.serial = "C0";
    if (revoked)
        own.entries[0] = *revoked;
    files = two(own,
                (crls_t){ .issuer = "delegate",
                          .key = other_key,
                          .scope = "critical,indirectCRL:TRUE",
                          .entries = { { "01", .issuer = "root" },
                                       { "03", .issuer = "root" } } });
    add(files, "delegate.pem", crls_certificate(pool, pki_cert(pool, is)));
    add(files, "user.pem", crls_certificate(pool, user()));
    return ask_of(root, files, hex, GOOD, NOW);
}

#define NOT_VALID \
    "later: two.crl: the certificate of the one that has signed its CRL is " \
    "not valid now"

static void test_delegates(void)
{
    pki_cert_t may = { .usage = "critical,cRLSign" };

    is(ask_delegated(may, "01", NULL), "revoked 0h ago, 0", "a delegate");
    is(ask_delegated(may, "03", NULL), "revoked 1h ago, 0",
       "  and what names the same issuer again");
    is(ask_delegated(may, "02", NULL), "good", "  and what it does not have");
    may.from = -2 * PKI_DAY;
    may.to = -1;
    is(ask_delegated(may, "01", NULL), NOT_VALID, "whose certificate ended");
    is(ask_delegated(may, "02", NULL), NOT_VALID, "  no good either");
    may.to = 1;
    is(ask_delegated(may, "02", NULL), "good", "  until that second");
    may.from = 1;
    may.to = PKI_DAY;
    is(ask_delegated(may, "02", NULL), NOT_VALID, "or is not valid yet");
    may.from = may.to = 0;
    may.unknown = 2;
    is(ask_delegated(may, "02", NULL), "failed: two.crl: " NOT_SIGNED,
       "or has a critical extension that nobody knows");
    may.unknown = 1;
    is(ask_delegated(may, "02", NULL), "good", "  one that is not critical");
    may.usage = "critical,digitalSignature";
    is(ask_delegated(may, "02", NULL), "failed: two.crl: " NOT_SIGNED,
       "or is not for CRLs");
    may.usage = NULL;
    is(ask_delegated(may, "02", NULL), "failed: two.crl: " NOT_SIGNED,
       "or does not say what it is for");
}

/* A file that was fetched may hold a certificate that anybody has made. */
static void test_delegates_path(void)
{
    const pki_cert_t own = { .usage = "critical,cRLSign",
                             .issuer_cn = "delegate",
                             .issuer_key = other_key };
    pki_cert_t others = { .usage = "critical,cRLSign",
                          .issuer_cn = "user",
                          .issuer_key = user_key };

    is(ask_delegated(own, "02", NULL), "failed: two.crl: " NOT_SIGNED,
       "one that has signed its own certificate");
    is(ask_delegated(others, "02", NULL), "failed: two.crl: " NOT_SIGNED,
       "or has it from one that is no CA");
    others.issuer_cn = "root";
    is(ask_delegated(others, "02", NULL), "failed: two.crl: " NOT_SIGNED,
       "or says that it has it from the CA");
}

/* A CA below it says nothing of its certificates, nor does another of its
 * name. */
static void test_other_cas(void)
{
    pki_cert_t is = { .ca = "critical,CA:TRUE",
                      .usage = "critical,keyCertSign,cRLSign" };
    const pki_cert_t namesake = { .cn = "root",
                                  .key = other_key,
                                  .own_id = "BBBB",
                                  .ca = "critical,CA:TRUE" };
    apr_array_header_t *files;

    is(ask_delegated(is, "01", NULL), "failed: two.crl: " NOT_SIGNED,
       "a CA that the CA has certified");
    is.usage = "critical,cRLSign";
    is.ca = NULL;
    is(ask_delegated(is, "01", NULL), "revoked 0h ago, 0", "  a delegate may");
    files = one((crls_t){
        .issuer = "root", .key = other_key, .entries = { { "01" } } });
    add(files, "namesake.pem",
        crls_certificate(pool, pki_cert(pool, namesake)));
    is(ask_of(root, files, "01", GOOD, NOW), "failed: one.crl: " NOT_SIGNED,
       "a CA of the same name that it has not certified");
}

static void test_revoked_delegates(void)
{
    static const char revoked[] =
        "failed: two.crl: the certificate of the one that has signed it is "
        "revoked";
    const pki_cert_t may = { .usage = "critical,cRLSign" };
    const crls_entry_t entries[] = { { "C0", 1 }, { "C0", 6 }, { "C2", 1 } };

    is(ask_delegated(may, "02", &entries[0]), revoked, "revoked");
    is(ask_delegated(may, "02", &entries[1]), revoked, "on hold");
    is(ask_delegated(may, "02", &entries[2]), "good", "another is");
}

/* No answer promises more than those who vouch for it. */
static void test_promise(void)
{
    const crls_t list = { .issuer = "root",
                          .key = other_key,
                          .entries = { { "01" } } };
    const pki_cert_t rolled = { ROOT_NEXT, .from = -60, .to = 60,
                                .usage = "cRLSign" };
    pki_cert_t next = rolled;
    apr_array_header_t *files = one(list);
    ocsp_responder_status_t status = { UNKNOWN };
    crl_question_t question = { { (const unsigned char *)"\x01", 1 },
                                IS_GOOD,
                                NOW };
    const char *why;

    add(files, "rolled", crls_certificate(pool, pki_cert(pool, rolled)));
    crl_view_status(crl_view_create(pool, root, files), pool, &question,
                    &status, &why);
    ok(status.next_update == NOW + apr_time_from_sec(60),
       "an answer ends with its signer's certificate");
    next.from = 30;
    next.to = 999;
    add(files, "next", crls_certificate(pool, pki_cert(pool, next)));
    crl_view_status(crl_view_create(pool, root, files), pool, &question,
                    &status, &why);
    ok(status.next_update == NOW + apr_time_from_sec(60),
       "the next certificate does not count yet");
    question.now += apr_time_from_sec(40);
    crl_view_status(crl_view_create(pool, root, files), pool, &question,
                    &status, &why);
    ok(status.next_update == NOW + apr_time_from_sec(999),
       "and then counts longer");
}

/* The CA is the trust anchor, which its administrator has named. */
static void test_ended_ca(void)
{
    X509 *ended = pki_cert(pool,
                           (pki_cert_t){ .cn = "root",
                                         .key = root_key,
                                         .from = -9 * PKI_DAY,
                                         .to = -PKI_DAY,
                                         .ca = "critical,CA:TRUE" });

    is(ask_of(ended, one((crls_t){ ROOT_CRL, .entries = { { "01" } } }), "01",
              GOOD, NOW),
       "revoked 0h ago, 0", "the last CRL of a CA that has ended");
}

int main(void)
{
    begin_tests();
    user_key = pki_key(pool, "EC:P-256");
    test_newer_forged();
    test_rollover();
    test_keys_apart();
    test_keys_faults();
    test_keys_deltas();
    test_delegates();
    test_delegates_path();
    test_other_cas();
    test_revoked_delegates();
    test_promise();
    test_ended_ca();
    return end_tests();
}
