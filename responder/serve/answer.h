/* SPDX-License-Identifier: Apache-2.0
 * The answer to a request whose statuses are known: signed beforehand, kept in
 * the cache, or signed now. */
#ifndef RESPONDER_ANSWER_H
#define RESPONDER_ANSWER_H

#include "httpd.h"
#include "serve/response_cache.h"
#include "httpd/config.h"
#include "serve/authority.h"
#include "ocsp/request.h"
#include "ocsp/response.h"

/* Why there is none. */
typedef struct {
    response_error_t error; /* what to send instead */
    const char *id;         /* OCSPnnnn; static */
    const char *why;        /* in the request's pool */
} answer_failure_t;

/* 1: *answer is in r's pool. 0: *failure is filled in. */
int answer_make(request_rec *r, const config_t *config,
                const request_t *request, const authority_t *authority,
                const ocsp_responder_status_t *statuses, apr_time_t now,
                response_cache_answer_t *answer, answer_failure_t *failure);

#endif
