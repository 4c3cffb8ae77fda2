/* SPDX-License-Identifier: Apache-2.0
 * When an answer was true, and until when. */
#ifndef RESPONDER_RESPONSE_TIMES_H
#define RESPONDER_RESPONSE_TIMES_H

#include "apr_time.h"
#include "mod_ocsp_responder.h"
#include "ocsp/signer.h"

/* Whole seconds, in microseconds. */
typedef struct {
    apr_time_t produced_at;
    apr_time_t this_update;
    apr_time_t next_update;
} response_times_t;

/* What an answer's times follow from. */
typedef struct {
    apr_time_t now;       /* when it is given */
    apr_int64_t validity; /* seconds, or RESPONSE_FOR_EVER */
    apr_int64_t backdate; /* seconds, for clients whose clocks are slow */
} response_span_t;

/* The last answer of a CA that has ended: nextUpdate is 99991231235959Z
 * (ETSI EN 319 411-2, 6.3.10). */
#define RESPONSE_FOR_EVER (-1)

/* The times of an answer about count statuses. producedAt is now, cut to the
 * second. thisUpdate lies backdate before it, but not before the notBefore of
 * issuer and signer, and not behind what a status promises. nextUpdate lies
 * validity behind it, but not past the signer's notAfter, nor the issuer's
 * while that lies ahead, nor past what a status promises. NULL; or why there
 * can be no answer, a literal. */
const char *response_times(response_times_t *times, const issuer_t *issuer,
                           const signer_t *signer, const response_span_t *span,
                           const ocsp_responder_status_t *statuses, int count);

#endif
