/* SPDX-License-Identifier: Apache-2.0
 * One answer for requests by SHA-1 and by SHA-256 (RFC 9919 §3.2.1). */
#ifndef RESPONDER_DUAL_CERTID_H
#define RESPONDER_DUAL_CERTID_H

#include "apr_pools.h"
#include "ocsp/issuer.h"
#include "ocsp/request.h"

/* Makes of the CertIDs of a request, which has one of issuer's, two in pool:
 * the same certificate by SHA-1 and by SHA-256. The one that was sent is among
 * them, byte for byte; the other has parameters of the same form, NULL or
 * absent. The same two come of either. 0 if the CertID is by another digest. */
int dual_certid(request_t *dual, apr_pool_t *pool, const issuer_t *issuer,
                const request_t *request);

#endif
