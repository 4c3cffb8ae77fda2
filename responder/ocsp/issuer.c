/* SPDX-License-Identifier: Apache-2.0
 * A CA that is answered for: its certificate, and whose CertID it is. */
#include "ocsp/issuer.h"

#include <openssl/x509v3.h>
#include "ocsp/certificate.h"
#include "ocsp/owned.h"
#include "base/der_reader.h"
#include "base/openssl_error.h"

/* The OIDs, from RFC 3370 §2.1, RFC 5754 §2 and FIPS 202's registrations
 * (CSOR), all but SHA-1's below 2.16.840.1.101.3.4.2. */
#define NIST(last) { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last }, 9
static const struct {
    const EVP_MD *(*md)(void);
    unsigned char oid[9];
    apr_size_t oid_len;
} digests[ISSUER_DIGESTS] = {
    { EVP_sha1, { 0x2B, 0x0E, 0x03, 0x02, 0x1A }, 5 },
    { EVP_sha256, NIST(0x01) },
    { EVP_sha384, NIST(0x02) },
    { EVP_sha512, NIST(0x03) },
    { EVP_sha224, NIST(0x04) },
    { EVP_sha3_224, NIST(0x07) },
    { EVP_sha3_256, NIST(0x08) },
    { EVP_sha3_384, NIST(0x09) },
    { EVP_sha3_512, NIST(0x0A) },
};

/* -- the issuer ------------------------------------------------------------ */

/* Skips the element that *rest begins with. */
static int skip(bytes_t *rest, int tag)
{
    der_element_t element;

    return der_take(rest, tag, &element);
}

int issuer_name(issuer_name_t *found, bytes_t der)
{
    der_element_t certificate, body, subject, info, bits;
    bytes_t rest;

    if (!der_take(&der, DER_SEQUENCE, &certificate)
        || !der_take(&certificate.contents, DER_SEQUENCE, &body))
        return 0;
    rest = body.contents;
    skip(&rest, DER_CONTEXT(0));      /* version */
    if (!skip(&rest, DER_INTEGER)     /* serialNumber */
        || !skip(&rest, DER_SEQUENCE) /* signature */
        || !skip(&rest, DER_SEQUENCE) /* issuer */
        || !skip(&rest, DER_SEQUENCE) /* validity */
        || !der_take(&rest, DER_SEQUENCE, &subject)
        || !der_take(&rest, DER_SEQUENCE, &info)
        || !skip(&info.contents, DER_SEQUENCE) /* algorithm */
        || !der_take(&info.contents, DER_BIT_STRING, &bits)
        || bits.contents.len < 1)
        return 0;
    found->name = subject.whole;
    found->key.data = bits.contents.data + 1;
    found->key.len = bits.contents.len - 1;
    return 1;
}

int issuer_has_name(bytes_t der, const issuer_name_t *name)
{
    issuer_name_t found;

    return issuer_name(&found, der) && bytes_equal(found.name, name->name)
        && bytes_equal(found.key, name->key);
}

/* NULL with *result: there is no such digest, or no telling. One that is not
 * there is the one thing that OpenSSL has to say then. */
static EVP_MD *issuer_fetch(int digest, issuer_hashing_t *result)
{
    EVP_MD *md;

    ERR_clear_error();
    md = EVP_MD_fetch(NULL, EVP_MD_get0_name(digests[digest - 1].md()), NULL);
    *result = md ? ISSUER_HASHED
        : ERR_GET_REASON(ERR_peek_error()) == ERR_R_UNSUPPORTED
        ? ISSUER_HASH_UNSUPPORTED
        : ISSUER_HASH_FAILED;
    ERR_clear_error();
    return md;
}

issuer_hashing_t issuer_hash(issuer_hashes_t *hashes, int digest,
                             const issuer_name_t *name)
{
    issuer_hashing_t result;
    EVP_MD *md = issuer_fetch(digest, &result);

    hashes->len = 0;
    if (!md)
        return result;
    if (EVP_Digest(name->name.data, name->name.len, hashes->name, NULL, md,
                   NULL)
        && EVP_Digest(name->key.data, name->key.len, hashes->key, NULL, md,
                      NULL))
        hashes->len = (unsigned int)EVP_MD_get_size(md);
    EVP_MD_free(md);
    return hashes->len ? ISSUER_HASHED : ISSUER_HASH_FAILED;
}

/* What this OpenSSL has no digest for stays empty. */
static int hash_all(issuer_hashes_t hashes[ISSUER_DIGESTS], const X509 *ca)
{
    const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(ca);
    issuer_name_t name;
    int i;

    if (!bits
        || !X509_NAME_get0_der(X509_get_subject_name(ca), &name.name.data,
                               &name.name.len))
        return 0;
    name.key.data = ASN1_STRING_get0_data(bits);
    name.key.len = (apr_size_t)ASN1_STRING_length(bits);
    for (i = 0; i < ISSUER_DIGESTS; i++)
        if (issuer_hash(&hashes[i], i + 1, &name) == ISSUER_HASH_FAILED)
            return 0;
    return 1;
}

/* 1, 0, or -1 where there is no memory to tell. Where the key or the signature
 * is of a kind that this OpenSSL does not know, or does not allow, what the
 * certificate says has to do. */
static int is_self_issued(X509 *ca)
{
    const int says = (X509_get_extension_flags(ca) & EXFLAG_SI) != 0;
    int is_signed;

    if (!X509_get0_pubkey(ca))
        return says;
    if (!X509_self_signed(ca, 0))
        return 0;
    is_signed = certificate_is_signed_by(ca, ca);
    if (is_signed == 0 && X509_self_signed(ca, 1) < 0)
        return says;
    return is_signed;
}

const issuer_t *issuer_create(apr_pool_t *pool, X509 *ca, const char **why)
{
    issuer_t *issuer = apr_pcalloc(pool, sizeof(*issuer));

    ERR_clear_error();
    if (!certificate_warm(ca)) {
        *why = openssl_error(pool, "its extensions cannot be read");
        return NULL;
    }
    if (!X509_check_ca(ca)) {
        *why = "it is not a CA's certificate";
        return NULL;
    }
    issuer->certificate = owned_shared_certificate(pool, ca);
    issuer->serial = certificate_serial(pool, ca);
    if (!issuer->certificate || !issuer->serial || !hash_all(issuer->hashes, ca)
        || !certificate_validity(&issuer->not_before, &issuer->not_after, ca)
        || !certificate_der(&issuer->der, pool, ca)) {
        *why = openssl_error(pool, "it cannot be read");
        return NULL;
    }
    issuer->self_issued = is_self_issued(ca);
    ERR_clear_error();
    *why = "there is not enough memory to verify it";
    return issuer->self_issued < 0 ? NULL : issuer;
}

/* -- whose CertID it is ---------------------------------------------------- */

/* -1: none that is answered. */
static int digest_index(bytes_t oid)
{
    int i;

    for (i = 0; i < ISSUER_DIGESTS; i++)
        if (bytes_are(oid, digests[i].oid, digests[i].oid_len))
            return i;
    return -1;
}

issuer_match_t issuer_match(const issuer_t *issuer,
                            const request_certid_t *certid)
{
    const issuer_hashes_t *hashes;
    int i = digest_index(certid->digest);

    if (i < 0 || !issuer->hashes[i].len)
        return ISSUER_UNSUPPORTED;
    hashes = &issuer->hashes[i];
    if (!bytes_are(certid->name_hash, hashes->name, hashes->len)
        || !bytes_are(certid->key_hash, hashes->key, hashes->len)
        || certid->odd_parameters)
        return ISSUER_OTHER;
    return ISSUER_MATCH;
}

int issuer_digest(const request_certid_t *certid)
{
    return digest_index(certid->digest) + 1;
}

bytes_t issuer_digest_oid(int digest)
{
    const bytes_t oid = { digests[digest - 1].oid,
                          digests[digest - 1].oid_len };

    return oid;
}
