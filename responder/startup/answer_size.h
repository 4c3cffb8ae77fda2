/* SPDX-License-Identifier: Apache-2.0
 * How large a signer's answers are: for clients that take small ones only, and
 * for the cache. */
#ifndef RESPONDER_ANSWER_SIZE_H
#define RESPONDER_ANSWER_SIZE_H

#include "apr_pools.h"
#include "serve/authority.h"

/* About the answers of the authority's signer, which is there: a sentence for
 * the administrator about large answers, in pool; NULL: they are small enough
 * for all clients, and the cache is large enough. */
const char *answer_size_text(apr_pool_t *pool, const authority_t *authority);

#endif
