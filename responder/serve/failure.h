/* SPDX-License-Identifier: Apache-2.0
 * How something ended the last time, for all threads to tell. */
#ifndef RESPONDER_FAILURE_H
#define RESPONDER_FAILURE_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"

typedef struct failure_t failure_t;

/* One that says DONE. Lives in pool. */
failure_t *failure_create(apr_pool_t *pool);

/* Any thread. why is copied; NULL for DONE. */
void failure_set(failure_t *failure, ocsp_responder_lookup_t result,
                 const char *why);

/* Any thread. *why is in pool; "" for DONE. */
ocsp_responder_lookup_t failure_get(failure_t *failure, apr_pool_t *pool,
                                    const char **why);

#endif
