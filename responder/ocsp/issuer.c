/* SPDX-License-Identifier: Apache-2.0
 * A CA that is answered for: its certificate, and whose CertID it is. */
#include "ocsp/issuer.h"

#include <openssl/x509v3.h>
#include "ocsp/certificate.h"
#include "base/openssl_error.h"

/* The OIDs, from RFC 3370 §2.1 and RFC 5754 §2. */
static const struct {
    const EVP_MD *(*md)(void);
    unsigned char oid[9];
    apr_size_t oid_len;
} digests[ISSUER_DIGESTS] = {
    { EVP_sha1, { 0x2B, 0x0E, 0x03, 0x02, 0x1A }, 5 },
    { EVP_sha256, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 }, 9 },
    { EVP_sha384, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 }, 9 },
    { EVP_sha512, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 }, 9 },
};

/* -- the issuer ------------------------------------------------------------ */

int issuer_hash(issuer_hashes_t hashes[ISSUER_DIGESTS], const X509 *ca)
{
    const X509_NAME *name = X509_get_subject_name(ca);
    int i;

    for (i = 0; i < ISSUER_DIGESTS; i++) {
        const EVP_MD *md = digests[i].md();

        if (!X509_NAME_digest(name, md, hashes[i].name, &hashes[i].len)
            || !X509_pubkey_digest(ca, md, hashes[i].key, NULL))
            return 0;
    }
    return 1;
}

const issuer_t *issuer_create(apr_pool_t *pool, X509 *ca, const char **why)
{
    issuer_t *issuer = apr_pcalloc(pool, sizeof(*issuer));

    ERR_clear_error();
    if (!certificate_warm(ca)) {
        *why = openssl_error(pool, "its key or extensions cannot be read");
        return NULL;
    }
    if (!X509_check_ca(ca)) {
        *why = "it is not a CA's certificate";
        return NULL;
    }
    issuer->serial = certificate_serial(pool, ca);
    if (!issuer->serial || !issuer_hash(issuer->hashes, ca)
        || !certificate_validity(&issuer->not_before, &issuer->not_after, ca)) {
        *why = openssl_error(pool, "it cannot be read");
        return NULL;
    }
    issuer->certificate = certificate_keep(pool, ca);
    issuer->self_issued = X509_self_signed(ca, 1) != 0;
    ERR_clear_error();
    return issuer;
}

/* -- whose CertID it is ---------------------------------------------------- */

/* -1: none that is answered. */
static int digest_index(bytes_t oid)
{
    int i;

    for (i = 0; i < ISSUER_DIGESTS; i++)
        if (bytes_equal(oid, digests[i].oid, digests[i].oid_len))
            return i;
    return -1;
}

issuer_match_t issuer_hashes_match(const issuer_hashes_t all[ISSUER_DIGESTS],
                                   const request_certid_t *certid)
{
    const issuer_hashes_t *hashes;
    int i = digest_index(certid->digest);

    if (i < 0)
        return ISSUER_UNSUPPORTED;
    hashes = &all[i];
    if (!bytes_equal(certid->name_hash, hashes->name, hashes->len)
        || !bytes_equal(certid->key_hash, hashes->key, hashes->len)
        || certid->odd_parameters)
        return ISSUER_OTHER;
    return ISSUER_MATCH;
}

int issuer_digest(const request_certid_t *certid)
{
    return digest_index(certid->digest) + 1;
}

issuer_match_t issuer_match(const issuer_t *issuer,
                            const request_certid_t *certid)
{
    return issuer_hashes_match(issuer->hashes, certid);
}
