/* SPDX-License-Identifier: Apache-2.0
 * issuer.h: issuers, and whose CertID it is. */
#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/ocsp.h>
#include "ocsp/signer.h"
#include "ocsp/certificate.h"
#include "pki.h"
#include "handmade.h"

/* -- issuers --------------------------------------------------------------- */

static void test_serials(EVP_PKEY *key)
{
    static const struct {
        const char *stored, *text;
    } rows[] = {
        { "1", "1" },
        { "0F", "F" },
        { "0abc", "ABC" },
        { "80", "80" },
        { "0", "0" },
        { "-0F", "-F" },
        { "-80", "-80" },
        { "FF00112233445566778899AABBCCDDEEFF001122",
          "FF00112233445566778899AABBCCDDEEFF001122" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        is(certificate_serial(
               pool,
               pki_cert(pool,
                        (pki_cert_t){
                            .cn = "x", .key = key, .serial = rows[i].stored })),
           rows[i].text, rows[i].stored);
}

/* A name does not end where somebody has put a zero byte. */
static void test_names(void)
{
    static const unsigned char name[] = "good\0worse";
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_NAME_new();

    is(certificate_cn(pool, certificate), "", "no commonName");
    MUST(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                    name, sizeof(name) - 1, -1, 0));
    MUST(X509_set_subject_name(certificate, subject));
    is(certificate_cn(pool, certificate), "good\x1Aworse",
       "a zero byte in one");
    X509_NAME_free(subject);
    X509_free(certificate);
}

static const issuer_t *issuer_of(pki_cert_t what, const char **why)
{
    *why = NULL;
    return issuer_create(pool, pki_cert(pool, what), why);
}

static void test_not_a_ca(EVP_PKEY *key)
{
    const char *why;

    ok(!issuer_of((pki_cert_t){ .cn = "x", .key = key, .ca = "CA:FALSE" },
                  &why),
       "CA:FALSE is no CA");
    is(why, "it is not a CA's certificate", "and why");
    ok(!issuer_of((pki_cert_t){ .cn = "x",
                                .key = key,
                                .ca = "CA:TRUE",
                                .usage = "digitalSignature" },
                  &why),
       "key usage without keyCertSign is no CA");
    ok(!issuer_of(
           (pki_cert_t){ .cn = "x", .key = key, .usage = "digitalSignature" },
           &why),
       "no basicConstraints is no CA");
    ok(ERR_peek_error() == 0, "the error queue is empty");
}

static void test_issuer(EVP_PKEY *key, EVP_PKEY *other)
{
    const char *why;
    const issuer_t *issuer = issuer_of(
        (pki_cert_t){
            .cn = "root", .key = key, .serial = "0A00", .ca = "CA:TRUE" },
        &why);

    is(issuer->serial, "A00", "the issuer's serial");
    ok(issuer->self_issued, "a root is its own issuer");
    ok(issuer->not_before == apr_time_from_sec(PKI_NOW - 365 * PKI_DAY),
       "notBefore");
    ok(issuer->not_after == apr_time_from_sec(PKI_NOW + 365 * PKI_DAY),
       "notAfter");
    issuer = issuer_of((pki_cert_t){ .cn = "child",
                                     .key = other,
                                     .issuer_cn = "root",
                                     .issuer_key = key,
                                     .ca = "CA:TRUE" },
                       &why);
    ok(issuer && !issuer->self_issued, "a child CA is not");
    issuer = issuer_of(
        (pki_cert_t){
            .cn = "child", .key = other, .issuer_key = key, .ca = "CA:TRUE" },
        &why);
    ok(issuer && !issuer->self_issued,
       "nor one that names itself but is signed by another");
}

/* A root in which each such OID, of length bytes, ends in another. */
static X509 *root_with_unknown(EVP_PKEY *key, const char *oid, int length,
                               unsigned char end)
{
    unsigned char *der = NULL;
    const unsigned char *p;
    int len = i2d_X509(pki_root(pool, key), &der), i, changed = 0;
    X509 *ca;

    for (i = 0; i + length < len; i++)
        if (memcmp(der + i, oid, (size_t)length) == 0) {
            der[i + length - 1] = end;
            changed = 1;
        }
    MUST(changed);
    p = der;
    ca = pki_must(d2i_X509(NULL, &p, len), "d2i_X509");
    OPENSSL_free(der);
    return ca;
}

/* A CA whose key is of a kind that OpenSSL does not know. */
static void test_unknown_key(EVP_PKEY *key)
{
    X509 *ca = root_with_unknown(key, "\x2A\x86\x48\xCE\x3D\x02\x01", 7, 0x7F);
    const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(ca);
    unsigned char want[EVP_MAX_MD_SIZE];
    const issuer_t *issuer;
    unsigned int size;
    const char *why = "";

    issuer = issuer_create(pool, ca, &why);
    MUST(EVP_Digest(ASN1_STRING_get0_data(bits), ASN1_STRING_length(bits), want,
                    &size, EVP_sha256(), NULL));
    ok(!X509_get0_pubkey(ca) && issuer, "an unknown kind of key: %s", why);
    ok(issuer && issuer->hashes[1].len == 32
           && memcmp(issuer->hashes[1].key, want, 32) == 0,
       "its bits are hashed all the same");
    ok(issuer && issuer->self_issued, "and it is a root by what it says");
    ERR_clear_error();
    X509_free(ca);
}

/* With MD2, which no OpenSSL has any more. */
static void test_unknown_signature(void)
{
    EVP_PKEY *key = pki_key(pool, "RSA:2048");
    X509 *ca =
        root_with_unknown(key, "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B", 9, 2);
    const char *why = "";
    const issuer_t *issuer = issuer_create(pool, ca, &why);

    ok(issuer && issuer->self_issued,
       "a root that is signed in an unknown way: %s", why);
    ok(ERR_peek_error() == 0, "of which nothing is left to say");
    X509_free(ca);
}

/* What OpenSSL lacks is not what fails for once. */
static void test_unsupported_digest(void)
{
    static const unsigned char text[] = "name and key";
    const issuer_name_t name = { { text, 4 }, { text + 9, 3 } };
    issuer_hashes_t hashes;

    ok(issuer_hash(&hashes, ISSUER_SHA256, &name) == ISSUER_HASHED
           && hashes.len == 32,
       "a digest that there is");
    MUST(EVP_set_default_properties(NULL, "provider=none"));
    ok(issuer_hash(&hashes, ISSUER_SHA256, &name) == ISSUER_HASH_UNSUPPORTED
           && hashes.len == 0,
       "a digest that no provider has");
    ok(ERR_peek_error() == 0, "and nothing is left to say of it");
    MUST(EVP_set_default_properties(NULL, ""));
    ok(issuer_hash(&hashes, ISSUER_SHA256, &name) == ISSUER_HASHED,
       "a digest that is back");
}

/* 9999-12-31T23:59:59Z and 1950, in seconds since 1970. */
static void test_far_times(EVP_PKEY *key)
{
    const char *why;
    const issuer_t *issuer =
        issuer_of((pki_cert_t){ .cn = "root",
                                .key = key,
                                .ca = "CA:TRUE",
                                .from = APR_INT64_C(-631152000) - PKI_NOW,
                                .to = APR_INT64_C(253402300799) - PKI_NOW },
                  &why);

    ok(issuer && issuer->not_before == apr_time_from_sec(-631152000L),
       "notBefore 1950");
    ok(issuer
           && issuer->not_after == apr_time_from_sec(APR_INT64_C(253402300799)),
       "notAfter 9999");
}

/* The structs hold references of their own. */
static void test_ownership(EVP_PKEY *key)
{
    apr_pool_t *certs, *holder;
    const char *why;
    const issuer_t *issuer;
    signer_t *signer;
    X509 *ca;

    apr_pool_create(&certs, pool);
    apr_pool_create(&holder, pool);
    ca = pki_root(certs, key);
    issuer = issuer_create(holder, ca, &why);
    signer_create(&signer, holder, ca, key, "auto", &why);
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
    { "SHA-1", EVP_sha1 },        { "SHA-256", EVP_sha256 },
    { "SHA-384", EVP_sha384 },    { "SHA-512", EVP_sha512 },
    { "SHA-224", EVP_sha224 },    { "SHA3-224", EVP_sha3_224 },
    { "SHA3-256", EVP_sha3_256 }, { "SHA3-384", EVP_sha3_384 },
    { "SHA3-512", EVP_sha3_512 },
};

#define NULL_PARAMETERS "0500"

typedef enum { PLAIN, WRONG_NAME, WRONG_KEY, SHORT_KEY, LONG_NAME } spoil_t;

/* As a request has it. */
static request_certid_t certid_of(bytes_t der)
{
    bytes_t tbs = wrap(0x30, wrap(0x30, wrap(0x30, der)));
    const char *why = NULL;
    const request_t *request = request_parse(pool, wrap(0x30, tbs), 1, &why);

    pki_must((void *)request, why);
    return request->certids[0];
}

/* A CertID built by hand; parameters in hexadecimal. */
static request_certid_t certid(X509 *ca, const EVP_MD *md,
                               const char *parameters, spoil_t spoil)
{
    const ASN1_OBJECT *object = OBJ_nid2obj(EVP_MD_get_type(md));
    bytes_t oid = bytes(OBJ_get0_data(object), OBJ_length(object));
    unsigned char name[EVP_MAX_MD_SIZE + 1] = "", key[EVP_MAX_MD_SIZE] = "";
    bytes_t algorithm = wrap(0x30, join(wrap(0x06, oid), hex(parameters)));
    bytes_t both;
    /* Where FIPS refuses MD5, these stay zero. */
    unsigned int len = (unsigned int)EVP_MD_get_size(md);

    X509_NAME_digest(X509_get_subject_name(ca), md, name, NULL);
    X509_pubkey_digest(ca, md, key, NULL);
    name[len] = 0;
    name[0] ^= spoil == WRONG_NAME;
    key[len - 1] ^= spoil == WRONG_KEY;
    both = join(wrap(0x04, bytes(name, len + (spoil == LONG_NAME))),
                wrap(0x04, bytes(key, len - (spoil == SHORT_KEY))));
    return certid_of(wrap(0x30, join(join(algorithm, both), hex("020105"))));
}

static issuer_match_t match(const issuer_t *issuer, const EVP_MD *md,
                            const char *parameters, spoil_t spoil)
{
    request_certid_t id = certid(issuer->certificate, md, parameters, spoil);

    return issuer_match(issuer, &id);
}

static void test_match(const issuer_t *issuer)
{
    static const struct {
        const char *name, *parameters;
        spoil_t spoil;
        issuer_match_t want;
    } rows[] = {
        { "NULL parameters", NULL_PARAMETERS, PLAIN, ISSUER_MATCH },
        { "no parameters", "", PLAIN, ISSUER_MATCH },
        { "odd parameters", "0c00", PLAIN, ISSUER_OTHER },
        { "a SEQUENCE as parameters", "3000", PLAIN, ISSUER_OTHER },
        { "wrong name hash", NULL_PARAMETERS, WRONG_NAME, ISSUER_OTHER },
        { "wrong key hash", NULL_PARAMETERS, WRONG_KEY, ISSUER_OTHER },
        { "short key hash", NULL_PARAMETERS, SHORT_KEY, ISSUER_OTHER },
        { "long name hash", NULL_PARAMETERS, LONG_NAME, ISSUER_OTHER },
    };
    size_t i, j;

    for (i = 0; i < sizeof(hashes) / sizeof(*hashes); i++)
        for (j = 0; j < sizeof(rows) / sizeof(*rows); j++)
            ok(match(issuer, hashes[i].md(), rows[j].parameters, rows[j].spoil)
                   == rows[j].want,
               "%s, %s", hashes[i].name, rows[j].name);
    ok(match(issuer, EVP_md5(), NULL_PARAMETERS, PLAIN) == ISSUER_UNSUPPORTED,
       "MD5 is unsupported");
    ok(match(issuer, EVP_sha512_256(), NULL_PARAMETERS, PLAIN)
           == ISSUER_UNSUPPORTED,
       "SHA-512/256 is unsupported");
}

/* As openssl ocsp asks. */
static issuer_match_t match_library(const issuer_t *issuer, X509 *ca)
{
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, ca, ca);
    unsigned char *der = NULL;
    int len = i2d_OCSP_CERTID(id, &der);
    request_certid_t certid =
        certid_of(bytes(apr_pmemdup(pool, der, len), len));

    OPENSSL_free(der);
    OCSP_CERTID_free(id);
    return issuer_match(issuer, &certid);
}

static void test_match_library(const issuer_t *issuer, EVP_PKEY *other)
{
    ok(match_library(issuer, issuer->certificate) == ISSUER_MATCH,
       "OCSP_cert_to_id's");
    ok(match_library(issuer, pki_root(pool, other)) == ISSUER_OTHER,
       "another CA of the same name");
}

static void test_match_unknown_oid(const issuer_t *issuer)
{
    static const struct {
        const char *oid, *name;
    } rows[] = {
        { "06042a030405", "an unknown OID" },
        { "06052b0e03021b", "an OID beside SHA-1's" },
        { "06042b0e0302", "one that SHA-1's begins with" },
        { "06062b0e03021a01", "one that begins like SHA-1's" },
        { "0609608648016503040205", "SHA-512/224" },
        { "060960864801650304020b", "SHAKE-128" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        bytes_t algorithm = wrap(0x30, hex(rows[i].oid));
        request_certid_t id =
            certid_of(wrap(0x30, join(algorithm, hex("0400 0400 020101"))));

        ok(issuer_match(issuer, &id) == ISSUER_UNSUPPORTED, "%s is unsupported",
           rows[i].name);
    }
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
    test_serials(key);
    test_names();
    test_not_a_ca(key);
    test_issuer(key, other);
    test_unknown_key(key);
    test_unknown_signature();
    test_unsupported_digest();
    test_far_times(key);
    test_ownership(key);
    test_match(issuer);
    test_match_library(issuer, other);
    test_match_unknown_oid(issuer);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
