/* SPDX-License-Identifier: Apache-2.0
 * authority.h: what signs, with which digest, and for whom. */
#include <apr_general.h>
#include "ocsp/issuer.h"
#include "pki.h"

static apr_pool_t *pool;

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
    ok(why && strncmp(why, "the key is not the certificate's", 32) == 0,
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
          SIGNER_OK,
          { .issuer_cn = "x", .extended = "OCSPSigning" } },
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
    issuer = pki_must((void *)issuer_create(pool, pki_root(pool, key), &why),
                      "root");
    test_digests();
    test_key_mismatch(key, other);
    test_public_only(key);
    test_direct(issuer, key);
    test_delegated(issuer, key);
    test_not_issued(issuer, other);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
