/* SPDX-License-Identifier: Apache-2.0
 * Statuses to a signed OCSP response (RFC 6960 §4.2). */
#ifndef RESPONDER_RESPONSE_H
#define RESPONDER_RESPONSE_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "ocsp/signer.h"
#include "base/bytes.h"
#include "ocsp/request.h"
#include "ocsp/response_times.h"

/* RFC 6960 §4.2.1, OCSPResponseStatus. Successful has no place here. */
typedef enum {
    RESPONSE_MALFORMED_REQUEST = 1,
    RESPONSE_INTERNAL_ERROR = 2,
    RESPONSE_TRY_LATER = 3,
    RESPONSE_UNAUTHORIZED = 6
} response_error_t;

/* The five bytes of an error. Static. */
bytes_t response_error(response_error_t error);

/* RFC 6960 §4.4.4. */
typedef enum {
    RESPONSE_NO_CUTOFF = 0,
    RESPONSE_CUTOFF_CA,       /* the issuer's notBefore */
    RESPONSE_CUTOFF_RETENTION /* producedAt less the retention */
} response_cutoff_t;

/* What an answer is made of besides the statuses. */
typedef struct {
    const issuer_t *issuer;
    const signer_t *signer;
    int delegated; /* the signer's certificate is not the CA's own */
    response_times_t times;
    bytes_t nonce; /* data NULL: none */
    bytes_t chain; /* certificates to send behind the signer's, in DER, one
                    * behind the other; len 0: none */
    response_cutoff_t archive_cutoff;
    apr_int64_t retention; /* seconds */
    int extended_revoke;   /* a serial that was never issued is sent as revoked,
                            * §2.2, and the answer says so, §4.4.8 */
} response_terms_t;

/* The certificate that stands in certs, before the chain: the signer's when it
 * is delegated, or the CA's own when that is a root. Borrowed. len 0: an
 * intermediate CA signs itself, and certs, chain and all, are absent (Go
 * refuses them). */
bytes_t response_certificate(const issuer_t *issuer, const signer_t *signer,
                             int delegated);

/* Builds and signs one SingleResponse per CertID, in order; statuses[i] is what
 * is sent for request->certids[i], and no time in it lies behind producedAt.
 * Returns 1 and *der in pool, or 0 and *why in pool. */
int response_sign(bytes_t *der, apr_pool_t *pool, const request_t *request,
                  const ocsp_responder_status_t *statuses,
                  const response_terms_t *terms, const char **why);

#endif
