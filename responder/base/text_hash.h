/* SPDX-License-Identifier: Apache-2.0
 * Hash tables whose keys are long: APR's own hash goes byte by byte, which is
 * most of what a start with thousands of locations costs. */
#ifndef RESPONDER_TEXT_HASH_H
#define RESPONDER_TEXT_HASH_H

#include "apr_hash.h"

/* An empty table in pool, for keys that no client of the server chooses. */
apr_hash_t *text_hash_make(apr_pool_t *pool);

#endif
