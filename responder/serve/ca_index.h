/* SPDX-License-Identifier: Apache-2.0
 * Finds a CA by what a CertID says of it. A table for each digest is made when
 * the first CertID comes that uses it: few do but SHA-1 and SHA-256. */
#ifndef RESPONDER_CA_INDEX_H
#define RESPONDER_CA_INDEX_H

#include "apr_pools.h"
#include "ocsp/request.h"
#include "serve/ca_set.h"

typedef struct ca_index_t ca_index_t;

/* The index of a set's entries, in pool, which holds them too. NULL when out of
 * resources. */
ca_index_t *ca_index_create(apr_pool_t *pool, const ca_entry_t *entries,
                            int count);

/* As ca_set_find(). Any thread. */
int ca_index_find(ca_index_t *index, const request_certid_t *certid,
                  const ca_entry_t **entry);

#endif
