/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/dual_certid.h"

#include "base/der_writer.h"

/* A CertID is its two hashes, and some 60 bytes. */
#define SIZE (2 * EVP_MAX_MD_SIZE + 60)

/* Digits as an INTEGER has them, without its header. */
static void put_serial(der_out_t *out, bytes_t serial)
{
    der_put_bytes(out, serial);
    if (!serial.len || *serial.data >= 0x80)
        der_put_byte(out, 0);
}

static void put_bytes(der_out_t *out, const unsigned char *bytes,
                      apr_size_t len)
{
    const apr_size_t mark = out->len;

    der_put(out, bytes, len);
    der_put_header(out, DER_OCTET_STRING, mark);
}

/* The CertID that certid is by another of the issuer's digests. */
static request_certid_t translated(apr_pool_t *pool, const issuer_t *issuer,
                                   const request_certid_t *certid, int digest,
                                   int has_null)
{
    const issuer_hashes_t *hashes = &issuer->hashes[digest - 1];
    der_out_t out = der_out(pool, SIZE + certid->serial.len);
    request_certid_t made = *certid;
    apr_size_t mark;

    put_serial(&out, certid->serial);
    der_put_header(&out, DER_INTEGER, 0);
    put_bytes(&out, hashes->key, hashes->len);
    put_bytes(&out, hashes->name, hashes->len);
    mark = out.len;
    if (has_null)
        der_put_header(&out, DER_NULL, mark);
    der_put_oid(&out, issuer_digest_oid(digest));
    der_put_header(&out, DER_SEQUENCE, mark);
    der_put_header(&out, DER_SEQUENCE, 0);
    made.der = der_out_bytes(&out);
    return made;
}

/* Whether the AlgorithmIdentifier of a CertID that was read has parameters. */
static int has_parameters(const request_certid_t *certid)
{
    bytes_t rest = certid->der;
    der_element_t id, algorithm;

    return der_take(&rest, DER_SEQUENCE, &id)
        && der_take(&id.contents, DER_SEQUENCE, &algorithm)
        && certid->digest.data + certid->digest.len
        != algorithm.contents.data + algorithm.contents.len;
}

int dual_certid(request_t *dual, apr_pool_t *pool, const issuer_t *issuer,
                const request_t *request)
{
    static const int wanted[] = { ISSUER_SHA1, ISSUER_SHA256 };
    const request_certid_t *sent = &request->certids[0];
    request_certid_t *certids = apr_palloc(pool, 2 * sizeof(*certids));
    const int digest = issuer_digest(sent), has_null = has_parameters(sent);
    int i;

    if (digest != ISSUER_SHA1 && digest != ISSUER_SHA256)
        return 0;
    for (i = 0; i < 2; i++)
        certids[i] = wanted[i] == digest
            ? *sent
            : translated(pool, issuer, sent, wanted[i], has_null);
    *dual = *request;
    dual->certids = certids;
    dual->certid_count = 2;
    return 1;
}
