/* SPDX-License-Identifier: Apache-2.0
 * Statuses to a signed OCSP response (RFC 6960 §4.2).
 *
 * Written by hand, from the last field to the first (der_writer.h): OpenSSL's
 * objects take nearly as long as a P-256 signature. */
#include "ocsp/response.h"

#include "base/der_writer.h"
#include "ocsp/crl_reason.h"

bytes_t response_error(response_error_t error)
{
    static const unsigned char errors[][5] = {
        [RESPONSE_MALFORMED_REQUEST] = { 0x30, 3, 0x0A, 1, 1 },
        [RESPONSE_INTERNAL_ERROR] = { 0x30, 3, 0x0A, 1, 2 },
        [RESPONSE_TRY_LATER] = { 0x30, 3, 0x0A, 1, 3 },
        [RESPONSE_UNAUTHORIZED] = { 0x30, 3, 0x0A, 1, 6 },
    };
    bytes_t bytes = { errors[error], sizeof(errors[error]) };

    return bytes;
}

/* -- pieces ---------------------------------------------------------------- */

/* Makes what was put since mark an extension's value. Never critical. */
static void put_extension(der_out_t *out, bytes_t oid, apr_size_t mark)
{
    der_put_header(out, DER_OCTET_STRING, mark);
    der_put_oid(out, oid);
    der_put_header(out, DER_SEQUENCE, mark);
}

/* Java takes a certificate that is revoked in the future for good. */
static void put_past(der_out_t *out, apr_time_t time,
                     const response_terms_t *terms)
{
    const apr_time_t now = terms->times.produced_at;

    der_put_time(out, time < now ? time : now);
}

/* [1] EXPLICIT Extensions, absent when none was put since mark. */
static void put_extensions(der_out_t *out, apr_size_t mark)
{
    if (out->len == mark)
        return;
    der_put_header(out, DER_SEQUENCE, mark);
    der_put_header(out, DER_CONTEXT(1), mark);
}

/* -- object identifiers ---------------------------------------------------- */

#define OID(name, ...) \
    static const unsigned char name##_bytes[] = { __VA_ARGS__ }; \
    static const bytes_t name = { name##_bytes, sizeof(name##_bytes) }

/* 2.5.29.24, RFC 5280 §5.3.2 */
OID(id_invalidity_date, 0x55, 0x1D, 0x18);
/* 1.3.6.1.5.5.7.48.1 and below, RFC 6960 appendix B */
OID(id_basic, 0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1);
OID(id_nonce, 0x2B, 6, 1, 5, 5, 7, 0x30, 1, 2);
OID(id_archive_cutoff, 0x2B, 6, 1, 5, 5, 7, 0x30, 1, 6);
OID(id_extended_revoke, 0x2B, 6, 1, 5, 5, 7, 0x30, 1, 9);
/* 1.3.36.8.3.13 */
OID(id_cert_hash, 0x2B, 0x24, 8, 3, 13);

/* -- extensions of one status ---------------------------------------------- */

static void add_invalidity_date(der_out_t *out,
                                const ocsp_responder_status_t *status,
                                const response_terms_t *terms)
{
    const apr_size_t mark = out->len;

    if (status->cert_status != OCSP_RESPONDER_REVOKED
        || !status->has_invalidity_date)
        return;
    put_past(out, status->invalidity_date, terms);
    put_extension(out, id_invalidity_date, mark);
}

static void add_archive_cutoff(der_out_t *out, const response_terms_t *terms)
{
    const apr_size_t mark = out->len;

    if (terms->archive_cutoff == RESPONSE_NO_CUTOFF)
        return;
    der_put_time(out,
                 terms->archive_cutoff == RESPONSE_CUTOFF_CA
                     ? terms->issuer->not_before
                     : terms->times.produced_at
                         - apr_time_from_sec(terms->retention));
    put_extension(out, id_archive_cutoff, mark);
}

/* CertHash (Common PKI, part 4): the CA answers for this very certificate. */
static void add_cert_hash(der_out_t *out, const ocsp_responder_status_t *status)
{
    const apr_size_t mark = out->len;
    apr_size_t inner;

    if (!status->cert_hash.data
        || status->cert_status == OCSP_RESPONDER_UNKNOWN)
        return;
    der_put_bytes(out, status->cert_hash);
    der_put_header(out, DER_OCTET_STRING, mark);
    inner = out->len;
    der_put_oid(out, issuer_digest_oid(ISSUER_SHA256));
    der_put_header(out, DER_SEQUENCE, inner);
    der_put_header(out, DER_SEQUENCE, mark);
    put_extension(out, id_cert_hash, mark);
}

/* -- extensions of the whole answer ---------------------------------------- */

static void add_nonce(der_out_t *out, bytes_t nonce)
{
    const apr_size_t mark = out->len;

    if (!nonce.data)
        return;
    der_put_bytes(out, nonce);
    der_put_header(out, DER_OCTET_STRING, mark);
    put_extension(out, id_nonce, mark);
}

/* RFC 6960 §4.4.8 */
static void add_extended_revoke(der_out_t *out)
{
    const apr_size_t mark = out->len;

    der_put_header(out, DER_NULL, mark);
    put_extension(out, id_extended_revoke, mark);
}

/* -- statuses -------------------------------------------------------------- */

/* RevokedInfo, still without a tag. */
static void put_revoked(der_out_t *out, const ocsp_responder_status_t *status,
                        const response_terms_t *terms)
{
    const apr_size_t mark = out->len;

    if (crl_reason_is_sent(status->reason)) {
        der_put_byte(out, status->reason);
        der_put_header(out, DER_ENUMERATED, mark);
        der_put_header(out, DER_CONTEXT(0), mark);
    }
    put_past(out, status->revocation_time, terms);
}

static void put_status(der_out_t *out, const ocsp_responder_status_t *status,
                       const response_terms_t *terms)
{
    static const int tags[] = {
        [OCSP_RESPONDER_UNKNOWN] = DER_IMPLICIT(2),
        [OCSP_RESPONDER_GOOD] = DER_IMPLICIT(0),
        [OCSP_RESPONDER_REVOKED] = DER_CONTEXT(1),
    };
    const apr_size_t i = (apr_size_t)status->cert_status, mark = out->len;

    if (i >= sizeof(tags) / sizeof(*tags)) {
        out->why = "a status is none that OCSP knows";
        return;
    }
    if (status->cert_status == OCSP_RESPONDER_REVOKED)
        put_revoked(out, status, terms);
    der_put_header(out, tags[i], mark);
}

static void put_single(der_out_t *out, const request_certid_t *certid,
                       const ocsp_responder_status_t *status,
                       const response_terms_t *terms)
{
    const apr_size_t mark = out->len;
    apr_size_t inner;

    add_cert_hash(out, status);
    add_archive_cutoff(out, terms);
    add_invalidity_date(out, status, terms);
    put_extensions(out, mark);
    inner = out->len;
    der_put_time(out, terms->times.next_update);
    der_put_header(out, DER_CONTEXT(0), inner);
    der_put_time(out, terms->times.this_update);
    put_status(out, status, terms);
    der_put_bytes(out, certid->der);
    der_put_header(out, DER_SEQUENCE, mark);
}

/* -- the answer ------------------------------------------------------------ */

/* ResponseData */
static void put_data(der_out_t *out, const request_t *request,
                     const ocsp_responder_status_t *statuses,
                     const response_terms_t *terms)
{
    const apr_size_t mark = out->len;
    apr_size_t inner;
    int i;

    if (terms->extended_revoke)
        add_extended_revoke(out);
    add_nonce(out, terms->nonce);
    put_extensions(out, mark);
    inner = out->len;
    for (i = request->certid_count - 1; i >= 0; i--)
        put_single(out, &request->certids[i], &statuses[i], terms);
    der_put_header(out, DER_SEQUENCE, inner);
    der_put_time(out, terms->times.produced_at);
    inner = out->len;
    der_put_bytes(out, terms->signer->key_hash);
    der_put_header(out, DER_OCTET_STRING, inner);
    der_put_header(out, DER_CONTEXT(2), inner);
    der_put_header(out, DER_SEQUENCE, mark);
}

bytes_t response_certificate(const issuer_t *issuer, const signer_t *signer,
                             int delegated)
{
    static const bytes_t none = { NULL, 0 };

    if (delegated)
        return signer->certificate_der;
    return issuer->self_issued ? issuer->der : none;
}

/* OCSPResponse around what was signed. */
static void put_response(der_out_t *out, bytes_t data, bytes_t signature,
                         const response_terms_t *terms)
{
    const apr_size_t mark = out->len;
    const bytes_t first =
        response_certificate(terms->issuer, terms->signer, terms->delegated);
    apr_size_t inner;

    if (first.len) {
        der_put_bytes(out, terms->chain);
        der_put_bytes(out, first);
        der_put_header(out, DER_SEQUENCE, mark);
        der_put_header(out, DER_CONTEXT(0), mark);
    }
    inner = out->len;
    der_put_bytes(out, signature);
    der_put_byte(out, 0);
    der_put_header(out, DER_BIT_STRING, inner);
    der_put_bytes(out, terms->signer->algorithm);
    der_put_bytes(out, data);
    der_put_header(out, DER_SEQUENCE, mark);
    der_put_header(out, DER_OCTET_STRING, mark);
    der_put_oid(out, id_basic);
    der_put_header(out, DER_SEQUENCE, mark);
    der_put_header(out, DER_CONTEXT(0), mark);
    der_put(out, "\x0A\x01\x00", 3);
    der_put_header(out, DER_SEQUENCE, mark);
}

int response_sign(bytes_t *der, apr_pool_t *pool, const request_t *request,
                  const ocsp_responder_status_t *statuses,
                  const response_terms_t *terms, const char **why)
{
    der_out_t out = der_out(pool, 512);
    bytes_t data, signature;

    put_data(&out, request, statuses, terms);
    *why = out.why;
    data = der_out_bytes(&out);
    if (out.why || !signer_sign(&signature, pool, terms->signer, data, why))
        return 0;
    out = der_out(pool,
                  256 + data.len + signature.len
                      + terms->signer->certificate_der.len + terms->chain.len);
    put_response(&out, data, signature, terms);
    *der = der_out_bytes(&out);
    return 1;
}
