/* SPDX-License-Identifier: Apache-2.0
 * A CA that is answered for: its certificate, and whose CertID it is. */
#include "authority.h"

#include <string.h>
#include <openssl/x509v3.h>
#include "certificate.h"
#include "der.h"
#include "why.h"

static const struct {
    int nid;
    const EVP_MD *(*md)(void);
} digests[AUTHORITY_DIGESTS] = {
    {NID_sha1, EVP_sha1},
    {NID_sha256, EVP_sha256},
    {NID_sha384, EVP_sha384},
    {NID_sha512, EVP_sha512},
};

/* -- the issuer ------------------------------------------------------------ */

static int hash_issuer(authority_hashes_t *hashes, const X509 *ca)
{
    const X509_NAME *name = X509_get_subject_name(ca);
    int i;

    for (i = 0; i < AUTHORITY_DIGESTS; i++) {
        const EVP_MD *md = digests[i].md();

        if (!X509_NAME_digest(name, md, hashes[i].name, &hashes[i].len)
            || !X509_pubkey_digest(ca, md, hashes[i].key, NULL))
            return 0;
    }
    return 1;
}

const authority_issuer_t *authority_issuer(apr_pool_t *pool, X509 *ca,
                                           const char **why)
{
    authority_issuer_t *issuer = apr_pcalloc(pool, sizeof(*issuer));

    ERR_clear_error();
    if (!certificate_warm(ca)) {
        *why = why_openssl(pool, "its key or extensions cannot be read");
        return NULL;
    }
    if (!X509_check_ca(ca)) {
        *why = "it is not a CA's certificate";
        return NULL;
    }
    issuer->serial = certificate_serial(pool, ca);
    if (!issuer->serial || !hash_issuer(issuer->hashes, ca)
        || !certificate_validity(&issuer->not_before, &issuer->not_after, ca)) {
        *why = why_openssl(pool, "it cannot be read");
        return NULL;
    }
    issuer->certificate = certificate_keep(pool, ca);
    issuer->self_issued = X509_self_signed(ca, 1) != 0;
    ERR_clear_error();
    return issuer;
}

/* -- whose CertID it is ---------------------------------------------------- */

static int digest_index(const ASN1_OBJECT *algorithm)
{
    int nid = OBJ_obj2nid(algorithm);
    int i;

    for (i = 0; i < AUTHORITY_DIGESTS; i++)
        if (digests[i].nid == nid)
            return i;
    return -1;
}

static int same_octets(const ASN1_OCTET_STRING *string,
                       const unsigned char *octets, unsigned int len)
{
    return ASN1_STRING_length(string) == (int)len
           && memcmp(ASN1_STRING_get0_data(string), octets, len) == 0;
}

static int parameters_absent_or_null(bytes_t certid)
{
    der_element_t id, algorithm, oid;

    /* Each element taken leaves the rest in what it was taken from. */
    return der_only(certid, DER_SEQUENCE, &id)
           && der_take(&id.contents, DER_SEQUENCE, &algorithm)
           && der_take(&algorithm.contents, DER_OBJECT, &oid)
           && (algorithm.contents.len == 0
               || (algorithm.contents.len == 2
                   && memcmp(algorithm.contents.data, "\x05", 2) == 0));
}

/* OpenSSL has no accessor for the parameters, so they are read off the DER. */
static int parameters_fit(const OCSP_CERTID *id)
{
    unsigned char *der = NULL;
    int len = i2d_OCSP_CERTID(id, &der);
    bytes_t octets = {der, len > 0 ? (apr_size_t)len : 0};
    int fit = parameters_absent_or_null(octets);

    OPENSSL_free(der);
    return fit;
}

authority_match_t authority_match(const authority_issuer_t *issuer,
                                  const OCSP_CERTID *id)
{
    ASN1_OCTET_STRING *name, *key;
    ASN1_OBJECT *algorithm;
    const authority_hashes_t *hashes;
    int i;

    OCSP_id_get0_info(&name, &algorithm, &key, NULL, (OCSP_CERTID *)id);
    i = digest_index(algorithm);
    if (i < 0)
        return AUTHORITY_UNSUPPORTED;
    hashes = &issuer->hashes[i];
    if (!same_octets(name, hashes->name, hashes->len)
        || !same_octets(key, hashes->key, hashes->len)
        || !parameters_fit(id))
        return AUTHORITY_OTHER;
    return AUTHORITY_MATCH;
}
