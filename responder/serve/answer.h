/* SPDX-License-Identifier: Apache-2.0
 * The answer to a request whose statuses are known: signed beforehand, kept in
 * the cache, or signed now. */
#ifndef RESPONDER_ANSWER_H
#define RESPONDER_ANSWER_H

#include "ocsp/response.h"
#include "serve/exchange.h"
#include "serve/response_cache.h"

/* Why there is none. */
typedef struct {
    response_error_t error; /* what to send instead */
    const char *id;         /* OCSPnnnn; static */
    const char *why;        /* in the request's pool */
} answer_failure_t;

/* 1: *answer is in the request's pool. 0: *failure is filled in. */
int answer_make(const exchange_t *exchange, response_cache_answer_t *answer,
                answer_failure_t *failure);

#endif
