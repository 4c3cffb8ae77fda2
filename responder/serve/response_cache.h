/* SPDX-License-Identifier: Apache-2.0
 * Signed answers in an ap_socache: a signature is used again for the very
 * status that the database has just confirmed. The cache is not trusted. */
#ifndef RESPONDER_RESPONSE_CACHE_H
#define RESPONDER_RESPONSE_CACHE_H

#include "base/bytes.h"
#include "ocsp/response.h"
#include "serve/exchange.h"

/* Prepares this child process; pool lives as long as it. child_init. */
void response_cache_child_init(apr_pool_t *pool);

/* All that the signed bytes depend on, but the time: a digest. */
#define CACHE_KEY_LENGTH 32 /* bytes */
typedef struct {
    unsigned char bytes[CACHE_KEY_LENGTH];
} response_cache_key_t;

/* What is stored: an answer and how long it is valid. */
#define CACHE_DIGEST_LENGTH 32 /* bytes, SHA-256 */
typedef struct {
    bytes_t der;
    response_times_t times;
    int has_digest;                            /* only what is reusable */
    unsigned char digest[CACHE_DIGEST_LENGTH]; /* of der, for the ETag */
} response_cache_answer_t;

/* Fills in the digest of what is new, if OpenSSL makes one. */
void response_cache_digest(response_cache_answer_t *answer);

/* An answer before it is made. */
typedef struct {
    const request_t *request; /* the exchange's, or one with two CertIDs for its
                               * one */
    const ocsp_responder_status_t *statuses;
    response_span_t span;
    response_terms_t terms; /* without times, before they are made of span */
} response_cache_draft_t;

/* The key of an answer by the exchange's authority to a reusable request. Takes
 * memory of the request's pool; 0 when OpenSSL fails. */
int response_cache_key(response_cache_key_t *key, const exchange_t *exchange,
                       const response_cache_draft_t *draft);

/* Finds an answer that is authentic, valid at the exchange's time, and no older
 * than OCSPResponderReuse has it. 1: *answer, in the request's pool, may be
 * sent. 0: there is none, or this thread is the one to sign it anew; *why,
 * static, says which. */
int response_cache_find(const exchange_t *exchange,
                        const response_cache_key_t *key,
                        response_cache_answer_t *answer, const char **why);

/* Keeps an answer, if the cache can and OCSPResponderReuse has answers sent
 * again. */
void response_cache_store(const exchange_t *exchange,
                          const response_cache_key_t *key,
                          const response_cache_answer_t *answer);

#endif
