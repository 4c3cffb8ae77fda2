/* SPDX-License-Identifier: Apache-2.0
 * authority.h: issuers, and whose CertID it is. */
#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/ocsp.h>
#include "authority.h"
#include "certificate.h"
#include "pki.h"

static apr_pool_t *pool;

/* -- issuers --------------------------------------------------------------- */

static void test_serials(EVP_PKEY *key)
{
    static const struct { const char *stored, *text; } rows[] = {
        {"1", "1"}, {"0F", "F"}, {"0abc", "ABC"}, {"80", "80"}, {"0", "0"},
        {"-0F", "-F"}, {"-80", "-80"},
        {"FF00112233445566778899AABBCCDDEEFF001122",
         "FF00112233445566778899AABBCCDDEEFF001122"},
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        is(certificate_serial(pool, pki_cert(pool, (pki_cert_t){
               .cn = "x", .key = key, .serial = rows[i].stored})),
           rows[i].text, rows[i].stored);
}

static const authority_issuer_t *issuer_of(pki_cert_t what, const char **why)
{
    *why = NULL;
    return authority_issuer(pool, pki_cert(pool, what), why);
}

static void test_not_a_ca(EVP_PKEY *key)
{
    const char *why;

    ok(!issuer_of((pki_cert_t){.cn = "x", .key = key, .ca = "CA:FALSE"}, &why),
       "CA:FALSE is no CA");
    is(why, "it is not a CA's certificate", "and why");
    ok(!issuer_of((pki_cert_t){.cn = "x", .key = key, .ca = "CA:TRUE",
                               .usage = "digitalSignature"}, &why),
       "key usage without keyCertSign is no CA");
    ok(!issuer_of((pki_cert_t){.cn = "x", .key = key,
                               .usage = "digitalSignature"}, &why),
       "no basicConstraints is no CA");
    ok(ERR_peek_error() == 0, "the error queue is empty");
}

static void test_issuer(EVP_PKEY *key, EVP_PKEY *other)
{
    const char *why;
    const authority_issuer_t *issuer = issuer_of(
        (pki_cert_t){.cn = "root", .key = key, .serial = "0A00",
                     .ca = "CA:TRUE"}, &why);

    is(issuer->serial, "A00", "the issuer's serial");
    ok(issuer->self_issued, "a root is its own issuer");
    ok(issuer->not_before == apr_time_from_sec(PKI_NOW - 365 * PKI_DAY),
       "notBefore");
    ok(issuer->not_after == apr_time_from_sec(PKI_NOW + 365 * PKI_DAY),
       "notAfter");
    issuer = issuer_of((pki_cert_t){.cn = "child", .key = other,
                                    .issuer_cn = "root", .issuer_key = key,
                                    .ca = "CA:TRUE"}, &why);
    ok(issuer && !issuer->self_issued, "a child CA is not");
    issuer = issuer_of((pki_cert_t){.cn = "child", .key = other,
                                    .issuer_key = key, .ca = "CA:TRUE"}, &why);
    ok(issuer && !issuer->self_issued,
       "nor one that names itself but is signed by another");
}

/* 9999-12-31T23:59:59Z and 1950, in seconds since 1970. */
static void test_far_times(EVP_PKEY *key)
{
    const char *why;
    const authority_issuer_t *issuer = issuer_of(
        (pki_cert_t){.cn = "root", .key = key, .ca = "CA:TRUE",
                     .from = -631152000L - PKI_NOW,
                     .to = 253402300799L - PKI_NOW}, &why);

    ok(issuer && issuer->not_before == apr_time_from_sec(-631152000L),
       "notBefore 1950");
    ok(issuer && issuer->not_after
       == apr_time_from_sec(APR_INT64_C(253402300799)), "notAfter 9999");
}

/* The structs hold references of their own. */
static void test_ownership(EVP_PKEY *key)
{
    apr_pool_t *certs, *holder;
    const char *why;
    const authority_issuer_t *issuer;
    authority_signer_t *signer;
    X509 *ca;

    apr_pool_create(&certs, pool);
    apr_pool_create(&holder, pool);
    ca = pki_root(certs, key);
    issuer = authority_issuer(holder, ca, &why);
    authority_signer(&signer, holder, ca, key, "auto", &why);
    apr_pool_destroy(certs);
    ok(X509_check_ca(issuer->certificate) == 1
       && X509_check_ca(signer->certificate) == 1,
       "a certificate outlives the pool it came from");
    apr_pool_destroy(holder);
}

/* -- CertIDs --------------------------------------------------------------- */

static const struct {
    const char *name;
    const EVP_MD *(*md)(void);
} hashes[] = {
    {"SHA-1", EVP_sha1}, {"SHA-256", EVP_sha256},
    {"SHA-384", EVP_sha384}, {"SHA-512", EVP_sha512},
};

typedef enum { PLAIN, WRONG_NAME, WRONG_KEY, SHORT_KEY, LONG_NAME } spoil_t;

/* A CertID built by hand: the algorithm with parameters of type (V_ASN1_UNDEF:
 * none, V_ASN1_NULL, V_ASN1_UTF8STRING: an odd one). */
static OCSP_CERTID *certid(X509 *ca, const EVP_MD *md, int type, spoil_t spoil)
{
    unsigned char der[512], *body, *p;
    unsigned char name[EVP_MAX_MD_SIZE + 1], key[EVP_MAX_MD_SIZE];
    unsigned int len;
    int name_len, key_len, algorithm_len, total;
    X509_ALGOR *algorithm = X509_ALGOR_new();
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    const unsigned char *in = der;
    OCSP_CERTID *id;

    X509_ALGOR_set0(algorithm, OBJ_nid2obj(EVP_MD_get_type(md)), type,
                    type == V_ASN1_UTF8STRING ? ASN1_UTF8STRING_new() : NULL);
    X509_NAME_digest(X509_get_subject_name(ca), md, name, &len);
    X509_pubkey_digest(ca, md, key, NULL);
    name[len] = 0;
    name[0] ^= spoil == WRONG_NAME;
    key[len - 1] ^= spoil == WRONG_KEY;
    name_len = (int)len + (spoil == LONG_NAME);
    key_len = (int)len - (spoil == SHORT_KEY);
    algorithm_len = i2d_X509_ALGOR(algorithm, NULL);
    total = algorithm_len + 2 + name_len + 2 + key_len + 3;
    p = der;
    ASN1_put_object(&p, 1, total, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    body = p;
    i2d_X509_ALGOR(algorithm, &p);
    ASN1_OCTET_STRING_set(octets, name, name_len);
    i2d_ASN1_OCTET_STRING(octets, &p);
    ASN1_OCTET_STRING_set(octets, key, key_len);
    i2d_ASN1_OCTET_STRING(octets, &p);
    memcpy(p, "\x02\x01\x05", 3);
    X509_ALGOR_free(algorithm);
    ASN1_OCTET_STRING_free(octets);
    id = d2i_OCSP_CERTID(NULL, &in, total + (body - der));
    return pki_must(id, "a CertID");
}

static authority_match_t match(const authority_issuer_t *issuer,
                               const EVP_MD *md, int type, spoil_t spoil)
{
    OCSP_CERTID *id = certid(issuer->certificate, md, type, spoil);
    authority_match_t rv = authority_match(issuer, id);

    OCSP_CERTID_free(id);
    return rv;
}

static void test_match(const authority_issuer_t *issuer)
{
    static const struct {
        const char *name; int type; spoil_t spoil; authority_match_t want;
    } rows[] = {
        {"NULL parameters", V_ASN1_NULL, PLAIN, AUTHORITY_MATCH},
        {"no parameters", V_ASN1_UNDEF, PLAIN, AUTHORITY_MATCH},
        {"odd parameters", V_ASN1_UTF8STRING, PLAIN, AUTHORITY_OTHER},
        {"wrong name hash", V_ASN1_NULL, WRONG_NAME, AUTHORITY_OTHER},
        {"wrong key hash", V_ASN1_NULL, WRONG_KEY, AUTHORITY_OTHER},
        {"short key hash", V_ASN1_NULL, SHORT_KEY, AUTHORITY_OTHER},
        {"long name hash", V_ASN1_NULL, LONG_NAME, AUTHORITY_OTHER},
    };
    size_t i, j;

    for (i = 0; i < sizeof(hashes) / sizeof(*hashes); i++)
        for (j = 0; j < sizeof(rows) / sizeof(*rows); j++)
            ok(match(issuer, hashes[i].md(), rows[j].type, rows[j].spoil)
               == rows[j].want, "%s, %s", hashes[i].name, rows[j].name);
    ok(match(issuer, EVP_md5(), V_ASN1_NULL, PLAIN) == AUTHORITY_UNSUPPORTED,
       "MD5 is unsupported");
    ok(match(issuer, EVP_sha224(), V_ASN1_NULL, PLAIN)
       == AUTHORITY_UNSUPPORTED, "SHA-224 is unsupported");
    ok(match(issuer, EVP_sha512_256(), V_ASN1_NULL, PLAIN)
       == AUTHORITY_UNSUPPORTED, "SHA-512/256 is unsupported");
}

/* As openssl ocsp asks, and a CA of the same name. */
static void test_match_library(const authority_issuer_t *issuer,
                               EVP_PKEY *other)
{
    X509 *namesake = pki_root(pool, other);
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, issuer->certificate,
                                      issuer->certificate);

    ok(authority_match(issuer, id) == AUTHORITY_MATCH, "OCSP_cert_to_id's");
    OCSP_CERTID_free(id);
    id = OCSP_cert_to_id(NULL, namesake, namesake);
    ok(authority_match(issuer, id) == AUTHORITY_OTHER,
       "another CA of the same name");
    OCSP_CERTID_free(id);
}

static void test_match_unknown_oid(const authority_issuer_t *issuer)
{
    static const unsigned char der[] = {
        0x30, 0x0F, 0x30, 0x06, 0x06, 0x04, 0x2A, 0x03, 0x04, 0x05,
        0x04, 0x00, 0x04, 0x00, 0x02, 0x01, 0x01};
    const unsigned char *p = der;
    OCSP_CERTID *id = pki_must(d2i_OCSP_CERTID(NULL, &p, sizeof(der)), "id");

    ok(authority_match(issuer, id) == AUTHORITY_UNSUPPORTED,
       "an unknown OID is unsupported");
    OCSP_CERTID_free(id);
}

int main(void)
{
    EVP_PKEY *key, *other;
    const authority_issuer_t *issuer;
    const char *why;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    key = pki_key(pool, "EC:P-256");
    other = pki_key(pool, "EC:P-256");
    issuer = pki_must((void *)authority_issuer(pool, pki_root(pool, key),
                                               &why), "root");
    test_serials(key);
    test_not_a_ca(key);
    test_issuer(key, other);
    test_far_times(key);
    test_ownership(key);
    test_match(issuer);
    test_match_library(issuer, other);
    test_match_unknown_oid(issuer);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
