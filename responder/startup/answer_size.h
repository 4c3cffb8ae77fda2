/* SPDX-License-Identifier: Apache-2.0
 * How large a signer's answers are: for clients that take small ones only, and
 * for the cache. */
#ifndef RESPONDER_ANSWER_SIZE_H
#define RESPONDER_ANSWER_SIZE_H

#include "apr_pools.h"
#include "serve/authority.h"

/* About how many bytes an answer to one CertID has that the authority's signer,
 * which is there, makes. */
apr_size_t answer_size(const authority_t *authority);

/* A sentence for the administrator about large answers, in pool; NULL: they are
 * small enough for all clients, and the cache is large enough. */
const char *answer_size_text(apr_pool_t *pool, const authority_t *authority);

#endif
