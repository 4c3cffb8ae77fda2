/* SPDX-License-Identifier: Apache-2.0
 * Statuses to a signed OCSP response (RFC 6960 §4.2). */
#ifndef RESPONDER_RESPONSE_H
#define RESPONDER_RESPONSE_H

#include "apr_pools.h"
#include "apr_time.h"
#include "mod_ocsp_responder.h"
#include "ocsp/issuer.h"
#include "base/bytes.h"
#include "ocsp/request.h"

/* RFC 6960 §4.2.1, OCSPResponseStatus. Successful has no place here. */
typedef enum {
    RESPONSE_MALFORMED_REQUEST = 1,
    RESPONSE_INTERNAL_ERROR = 2,
    RESPONSE_TRY_LATER = 3,
    RESPONSE_UNAUTHORIZED = 6
} response_error_t;

/* The five octets of an error. Static. */
bytes_t response_error(response_error_t error);

/* What an answer is made of besides the statuses. */
typedef struct {
    const issuer_t *issuer;
    const signer_t *signer;
    int delegated;          /* put the signer's certificate into certs */
    apr_time_t this_update; /* whole seconds, in microseconds; producedAt */
    apr_time_t next_update; /* likewise; later than this_update */
    bytes_t nonce;          /* data NULL: none */
    int archive_cutoff;     /* add the issuer's notBefore, §4.4.4 */
    int extended_revoke;    /* a never issued serial is revoked, §2.2 */
} response_terms_t;

/* nextUpdate for an answer given at now (microseconds): now cut to the second
 * + validity (seconds), but not past the signer's notAfter, nor the issuer's
 * while that lies ahead. 0: the signer's certificate is not valid now. */
apr_time_t response_next_update(const issuer_t *issuer, const signer_t *signer,
                                apr_time_t now, apr_int64_t validity);

/* Builds and signs one SingleResponse per CertID, in order; statuses[i] is of
 * request->certids[i]. With terms->extended_revoke an UNKNOWN is sent as
 * revoked, certificateHold, 1970-01-01, and the answer carries
 * id-pkix-ocsp-extended-revoke; without it as unknown. Returns 0 and *der in
 * pool, or -1 and *why in pool. */
int response_sign(bytes_t *der, apr_pool_t *pool, const request_t *request,
                  const ocsp_responder_status_t *statuses,
                  const response_terms_t *terms, const char **why);

#endif
