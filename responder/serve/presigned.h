/* SPDX-License-Identifier: Apache-2.0
 * The answers that a source has had signed beforehand. Neither the source nor
 * the answers are trusted. */
#ifndef RESPONDER_PRESIGNED_H
#define RESPONDER_PRESIGNED_H

#include "serve/exchange.h"
#include "serve/response_cache.h"

/* Finds an answer to a request of one CertID that is signed for the authority's
 * CA, valid now, about that very CertID, and says what its status says. 1:
 * *answer lives in the request's pool. 0: there is none, and *why, in that pool
 * too, says what is wrong with the best that was found. */
int presigned_find(const exchange_t *exchange, response_cache_answer_t *answer,
                   const char **why);

#endif
