/* SPDX-License-Identifier: Apache-2.0
 * authority.h: what signs, with which digest, and for whom. */
#include <apr_general.h>
#include <pthread.h>
#include <openssl/rsa.h>
#include "ocsp/signer.h"
#include "pki.h"
#include "handmade.h" /* has a global pool */

/* -- signers --------------------------------------------------------------- */

static void test_digests(void)
{
    static const struct {
        const char *kind, *automatic, *named, *bad;
    } rows[] = {
        { "RSA", "SHA256", "sha512", "shake256" },
        { "RSA-PSS", "SHA256", "SHA384", "none such" },
        { "RSA-PSS:SHA384", "SHA384", "sha384", "sha256" },
        { "EC:P-256", "SHA256", "sha384", "blake2s256" },
        { "EC:P-384", "SHA384", "sha256", "" },
        { "EC:P-521", "SHA512", "SHA2-256", "sha-257" },
        { "EC:brainpoolP512r1", "SHA512", "sha256", "md5-sha1" },
        { "EC:P-224", "SHA256", "sha224", "null" },
        { "ED25519", NULL, "auto", "sha256" },
        { "ED448", NULL, "auto", "sha512" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        EVP_PKEY *key = pki_key(pool, rows[i].kind);
        X509 *ca = pki_root(pool, key);
        signer_t *signer = NULL;
        const char *why = NULL;

        ok(signer_create(&signer, pool, ca, key, "auto", &why) == SIGNER_OK,
           "%s signs", rows[i].kind);
        is(signer && signer->digest ? EVP_MD_get0_name(signer->digest) : NULL,
           rows[i].automatic, "with the digest of its strength");
        is(signer ? signer->serial : NULL, "A00", "its serial");
        ok(signer
               && signer->not_after
                   == apr_time_from_sec(PKI_NOW + 365 * PKI_DAY),
           "its notAfter");
        ok(signer && signer_try(pool, signer, &why), "what it signs verifies");
        ok(signer_create(&signer, pool, ca, key, rows[i].named, &why)
               == SIGNER_OK,
           "or with %s", rows[i].named);
        why = NULL;
        ok(signer_create(&signer, pool, ca, key, rows[i].bad, &why)
               == SIGNER_BAD_DIGEST,
           "not with %s", rows[i].bad);
        ok(why && ERR_peek_error() == 0, "why: %s", why ? why : "(NULL)");
    }
}

static void test_key_mismatch(EVP_PKEY *key, EVP_PKEY *other)
{
    signer_t *signer = NULL;
    const char *why = NULL;
    EVP_PKEY *ed = pki_key(pool, "ED25519");

    ok(signer_create(&signer, pool, pki_root(pool, key), other, "auto", &why)
           == SIGNER_KEY_MISMATCH,
       "a key of the same type that is not the certificate's");
    ok(why && strncmp(why, "the key does not match the certificate", 38) == 0,
       "why: %s", why ? why : "(NULL)");
    ok(signer_create(&signer, pool, pki_root(pool, key), ed, "auto", &why)
           == SIGNER_KEY_MISMATCH,
       "a key of another type");
    ok(!signer && ERR_peek_error() == 0, "no signer, no errors left");
}

/* A key without its private half passes for the certificate's. */
static void test_public_only(EVP_PKEY *key)
{
    X509 *ca = pki_root(pool, key);
    signer_t *signer = NULL;
    const char *why = NULL;

    ok(signer_create(&signer, pool, ca, X509_get0_pubkey(ca), "auto", &why)
           == SIGNER_ERROR,
       "a public key does not sign");
    ok(why && ERR_peek_error() == 0, "why: %s", why ? why : "(NULL)");
}

/* -- whom a signer may sign for -------------------------------------------- */

static signer_check_t check_for(const issuer_t *issuer, EVP_PKEY *key,
                                pki_cert_t what, int *delegated,
                                const char **why)
{
    signer_t *signer = NULL;

    *delegated = -1;
    what.key = key;
    MUST(signer_create(&signer, pool, pki_cert(pool, what), key, "auto", why)
         == SIGNER_OK);
    *why = NULL;
    return signer_may_sign_for(signer, issuer, delegated, pool, why);
}

static void test_direct(const issuer_t *issuer, EVP_PKEY *key)
{
    signer_t *signer = NULL;
    const char *why;
    int delegated = -1;

    signer_create(&signer, pool, issuer->certificate, key, "auto", &why);
    ok(signer_may_sign_for(signer, issuer, &delegated, pool, &why) == SIGNER_OK
           && delegated == 0,
       "the CA signs for itself");
    ok(check_for(issuer, key,
                 (pki_cert_t){ .cn = "root", .serial = "77", .ca = "CA:TRUE" },
                 &delegated, &why)
               == SIGNER_OK
           && delegated == 0,
       "another certificate of the CA's key does too");
}

static void test_delegated(const issuer_t *issuer, EVP_PKEY *key)
{
    EVP_PKEY *own = pki_key(pool, "EC:P-256");
    const struct {
        const char *name;
        signer_check_t want;
        pki_cert_t what;
    } rows[] = {
        { "with its usages",
          SIGNER_OK,
          { .usage = "digitalSignature", .extended = "OCSPSigning" } },
        { "nonRepudiation",
          SIGNER_OK,
          { .usage = "nonRepudiation", .extended = "critical,OCSPSigning" } },
        { "no key usage", SIGNER_OK, { .extended = "clientAuth,OCSPSigning" } },
        { "an issuer name that is wrong",
          SIGNER_REFUSED,
          { .issuer_cn = "x", .extended = "OCSPSigning" } },
        { "another authorityKeyIdentifier",
          SIGNER_REFUSED,
          { .key_id = "BEEF", .extended = "OCSPSigning" } },
        { "the CA's authorityKeyIdentifier",
          SIGNER_OK,
          { .key_id = "CAFE", .extended = "OCSPSigning" } },
        { "an unknown extension",
          SIGNER_OK,
          { .unknown = 1, .extended = "OCSPSigning" } },
        { "an unknown critical extension",
          SIGNER_REFUSED,
          { .unknown = 2, .extended = "OCSPSigning" } },
        { "a signature with SHA-1",
          SIGNER_REFUSED,
          { .digest = EVP_sha1(), .extended = "OCSPSigning" } },
        { "dates that are past",
          SIGNER_OK,
          { .from = -9999, .to = -999, .extended = "OCSPSigning" } },
        { "no extended usage",
          SIGNER_NO_USAGE,
          { .usage = "digitalSignature" } },
        { "another extended usage",
          SIGNER_NO_USAGE,
          { .extended = "serverAuth" } },
        { "anyExtendedKeyUsage",
          SIGNER_NO_USAGE,
          { .extended = "anyExtendedKeyUsage" } },
        { "keyEncipherment only",
          SIGNER_NO_USAGE,
          { .usage = "keyEncipherment", .extended = "OCSPSigning" } },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pki_cert_t what = rows[i].what;
        signer_check_t check;
        const char *why;
        int delegated;

        what.cn = "responder";
        what.issuer_key = key;
        if (!what.issuer_cn)
            what.issuer_cn = "root";
        check = check_for(issuer, own, what, &delegated, &why);
        ok(check == rows[i].want && !why == (check == SIGNER_OK),
           "delegated, %s: %s", rows[i].name, why ? why : "fine");
        if (rows[i].want == SIGNER_OK)
            ok(delegated == 1, "goes into certs");
    }
}

static void weak(const issuer_t *issuer, EVP_PKEY *key, pki_cert_t what,
                 signer_check_t want, const char *name)
{
    const char *why = NULL;
    int delegated;
    signer_check_t check = check_for(issuer, key, what, &delegated, &why);

    ok(check == want && !why == (want == SIGNER_OK), "%s: %s", name,
       why ? why : "fine");
}

static const issuer_t *root_of(EVP_PKEY *key)
{
    const char *why;

    return pki_must((void *)issuer_create(pool, pki_root(pool, key), &why),
                    "root");
}

static void test_weak(const issuer_t *issuer, EVP_PKEY *key)
{
    EVP_PKEY *low = pki_key(pool, "RSA:512"), *fair = pki_key(pool, "RSA:1024");
    pki_cert_t what = { .cn = "r",
                        .issuer_cn = "root",
                        .issuer_key = key,
                        .extended = "OCSPSigning" };

    weak(issuer, low, what, SIGNER_REFUSED, "RSA of 512 bits");
    weak(issuer, fair, what, SIGNER_OK, "RSA of 1024 bits");
    what.issuer_key = fair;
    issuer = root_of(fair);
    weak(issuer, key, what, SIGNER_OK, "a CA with RSA of 1024 bits");
    what.digest = EVP_md5();
    weak(issuer, key, what, SIGNER_REFUSED, "a signature with MD5");
    what.digest = NULL;
    what.issuer_key = low;
    weak(root_of(low), key, what, SIGNER_REFUSED, "a CA with RSA of 512 bits");
}

static int warnings_of(const issuer_t *issuer, EVP_PKEY *key, pki_cert_t what,
                       const char *word)
{
    apr_array_header_t *warnings;
    signer_t *signer = NULL;
    const char *why;
    int delegated;

    what.key = key;
    what.cn = "r";
    what.issuer_cn = "root";
    MUST(signer_create(&signer, pool, pki_cert(pool, what), key, "auto", &why)
         == SIGNER_OK);
    MUST(signer_may_sign_for(signer, issuer, &delegated, pool, &why)
         == SIGNER_OK);
    warnings = signer_warnings(pool, signer, delegated);
    if (warnings->nelts == 1)
        return strstr(APR_ARRAY_IDX(warnings, 0, const char *), word) != NULL;
    return warnings->nelts ? -1 : 0;
}

static void test_warnings(const issuer_t *issuer, EVP_PKEY *key)
{
    EVP_PKEY *own = pki_key(pool, "EC:P-256");
    pki_cert_t what = { .issuer_key = key, .extended = "OCSPSigning" };

    ok(warnings_of(issuer, own, what, "nocheck") == 1, "no nocheck");
    what.nocheck = 1;
    ok(warnings_of(issuer, own, what, "") == 0, "nocheck is there");
    ok(warnings_of(issuer, pki_key(pool, "RSA:1024"), what, "weaker") == 1,
       "RSA of 1024 bits");
    ok(warnings_of(issuer, pki_key(pool, "EC:P-192"), what, "weaker") == 1,
       "P-192");
    ok(warnings_of(issuer, pki_key(pool, "EC:P-224"), what, "") == 0, "P-224");
    ok(warnings_of(issuer, key,
                   (pki_cert_t){ .ca = "CA:TRUE", .usage = "keyCertSign" },
                   "digitalSignature")
           == 1,
       "a CA that signs without digitalSignature");
    ok(warnings_of(issuer, key,
                   (pki_cert_t){ .ca = "CA:TRUE",
                                 .usage = "keyCertSign,digitalSignature" },
                   "")
           == 0,
       "a CA that signs with it");
    ok(warnings_of(issuer, key, (pki_cert_t){ .ca = "CA:TRUE" }, "") == 0,
       "a CA without a key usage");
}

/* -- which of several ------------------------------------------------------ */

/* Signature algorithms as a request has them. */
static request_t preferring(const char *list)
{
    return (request_t){ .preferred = hex(list) };
}

#define ECDSA_SHA256 "300c 300a 0608 2a8648ce3d040302"
#define ECDSA_SHA384 "300c 300a 0608 2a8648ce3d040303"
#define RSA_SHA256   "300f 300d 0609 2a864886f70d01010b 0500"
#define ED25519      "3007 3005 0603 2b6570"

#define EC_KEY "0607 2a8648ce3d0201"
#define P_256  "2a8648ce3d030107"
#define P_384  "3010 0607 2a8648ce3d0201 0605 2b81040022"

static const signer_t *signer_of(const char *kind, const char *digest)
{
    EVP_PKEY *key = pki_key(pool, kind);
    signer_t *signer = NULL;
    const char *why;

    MUST(signer_create(&signer, pool, pki_root(pool, key), key, digest, &why)
         == SIGNER_OK);
    return signer;
}

static void test_choose(void)
{
    const signer_t *signers[] = { signer_of("RSA", "auto"),
                                  signer_of("EC:P-256", "auto"),
                                  signer_of("ED25519", "auto"),
                                  signer_of("EC:P-384", "sha256"),
                                  signer_of("RSA-PSS", "auto") };
    static const struct {
        const char *preferred, *name;
        int want;
    } rows[] = {
        { "", "no wish: the first", 0 },
        { ECDSA_SHA256, "the only one that is named", 1 },
        { ECDSA_SHA256 RSA_SHA256, "the client's order", 1 },
        { RSA_SHA256 ECDSA_SHA256, "the other way round", 0 },
        { ECDSA_SHA384 ED25519 RSA_SHA256, "the first that fits", 2 },
        { ECDSA_SHA384, "none fits: the first", 0 },
        { "301d 300a 0608 2a8648ce3d040302 300f 0607 2a8648ce3d0201 0604 "
          "2b810400",
          "a curve that none has: the first", 0 },
        { "301e 300a 0608 2a8648ce3d040302" P_384, "the curve that is named",
          3 },
        { "3021 300a 0608 2a8648ce3d040302 3013" EC_KEY "0608" P_256,
          "the other curve", 1 },
        { "3017 300a 0608 2a8648ce3d040302 3009" EC_KEY, "any curve", 1 },
        { "300d 300b 0609 2a864886f70d01010a", "RSA-PSS, with any parameters",
          4 },
        { "300f 300d 0609 2a864886f70d01010a 0500", "or with none", 4 },
        { "300f 300d 0609 2a864886f70d01010a 3000",
          "not with others than its own: the first", 0 },
    };
    const signer_t *none[] = { NULL, NULL };
    request_t request = preferring(ED25519);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        request = preferring(rows[i].preferred);
        ok(signer_choose(signers, 5, &request) == rows[i].want, "%s",
           rows[i].name);
    }
    signers[0] = NULL;
    request = preferring("");
    ok(signer_choose(signers, 3, &request) == 1, "one that is not there");
    ok(signer_choose(none, 2, &request) == 0, "none at all");
}

/* -- many threads ---------------------------------------------------------- */

#define THREADS    8
#define SIGNATURES 40

typedef struct {
    const signing_t *signing;
    EVP_PKEY *key;
    const EVP_MD *md;
    int number, right;
} worker_t;

static int verifies(const worker_t *worker, bytes_t text, bytes_t signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx;
    int rv =
        EVP_DigestVerifyInit(ctx, &key_ctx, worker->md, NULL, worker->key) > 0
        && (!EVP_PKEY_is_a(worker->key, "RSA-PSS")
            || EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_DIGEST)
                > 0)
        && EVP_DigestVerify(ctx, signature.data, signature.len, text.data,
                            text.len)
            == 1;

    EVP_MD_CTX_free(ctx);
    return rv;
}

static void *work(void *data)
{
    worker_t *worker = data;
    apr_pool_t *own;
    int i;

    apr_pool_create_unmanaged(&own);
    for (i = 0; i < SIGNATURES; i++) {
        char text[32];
        int len = snprintf(text, sizeof(text), "%d %d", worker->number, i);
        bytes_t bytes = { (unsigned char *)text, len }, signature;
        const char *why;

        worker->right +=
            signing_sign(&signature, own, worker->signing, bytes, &why)
            && verifies(worker, bytes, signature);
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    return NULL;
}

static void test_threads(const char *kind)
{
    EVP_PKEY *key = pki_key(pool, kind);
    const EVP_MD *md = strncmp(kind, "ED", 2) == 0 ? NULL : EVP_sha256();
    const signing_t *signing = signing_create(pool, key, md);
    pthread_t threads[THREADS];
    worker_t workers[THREADS];
    int i, right = 0;

    for (i = 0; i < THREADS; i++) {
        workers[i] = (worker_t){ signing, key, md, i, 0 };
        MUST(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        right += workers[i].right;
    }
    ok(right == THREADS * SIGNATURES, "%s: %d of %d signatures by %d threads",
       kind, right, THREADS * SIGNATURES, THREADS);
}

static void test_not_issued(const issuer_t *issuer, EVP_PKEY *other)
{
    const char *why;
    int delegated;

    ok(check_for(issuer, other,
                 (pki_cert_t){ .cn = "root", .extended = "OCSPSigning" },
                 &delegated, &why)
           == SIGNER_NOT_ISSUED,
       "the CA's name without its signature");
    ok(why && ERR_peek_error() == 0, "why: %s", why ? why : "(NULL)");
    ok(check_for(issuer, pki_key(pool, "ED25519"),
                 (pki_cert_t){ .cn = "r",
                               .issuer_cn = "root",
                               .issuer_key = other,
                               .extended = "OCSPSigning" },
                 &delegated, &why)
           == SIGNER_NOT_ISSUED,
       "issued by a namesake");
}

int main(void)
{
    EVP_PKEY *key, *other;
    const issuer_t *issuer;
    const char *why;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    key = pki_key(pool, "EC:P-256");
    other = pki_key(pool, "EC:P-256");
    issuer =
        pki_must((void *)issuer_create(
                     pool,
                     pki_cert(pool,
                              (pki_cert_t){ .cn = "root",
                                            .key = key,
                                            .ca = "critical,CA:TRUE",
                                            .usage = "critical,keyCertSign",
                                            .own_id = "CAFE" }),
                     &why),
                 "root");
    test_digests();
    test_key_mismatch(key, other);
    test_public_only(key);
    test_direct(issuer, key);
    test_delegated(issuer, key);
    test_weak(issuer, key);
    test_warnings(issuer, key);
    test_choose();
    test_threads("RSA");
    test_threads("RSA-PSS");
    test_threads("EC:P-256");
    test_threads("ED25519");
    test_not_issued(issuer, other);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
