/* SPDX-License-Identifier: Apache-2.0
 * Answers that somebody signed beforehand. They are not trusted. */
#ifndef RESPONDER_STORED_RESPONSE_H
#define RESPONDER_STORED_RESPONSE_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "ocsp/issuer.h"
#include "ocsp/request.h"
#include "ocsp/response_times.h"

/* What an answer has to be about. */
typedef struct {
    const request_certid_t *certid;
    const issuer_t *issuer;
    const ocsp_responder_status_t *status; /* what is true */
    apr_time_t now;
} stored_response_wanted_t;

/* Whether stored is an answer about that very CertID and nothing else, says
 * what the status says, is valid at now, and is signed by somebody who may sign
 * for the issuer, whose certificate is valid now. NULL and its times, of which
 * nextUpdate is not later than stored says; else what is wrong with it, to
 * follow "the pre-signed response cannot be sent: ", in pool or a literal.
 * Frees with pool what it reads. */
const char *stored_response_check(response_times_t *times, apr_pool_t *pool,
                                  const ocsp_responder_stored_t *stored,
                                  const stored_response_wanted_t *wanted);

#endif
