/* SPDX-License-Identifier: Apache-2.0
 * A value that many threads read while one may put a newer in its place; the
 * old one goes when its last reader is done. */
#ifndef RESPONDER_SNAPSHOT_H
#define RESPONDER_SNAPSHOT_H

#include "apr_pools.h"

/* The place. Lives in the pool it is made in. */
typedef struct snapshot_t snapshot_t;

/* NULL when out of resources. */
snapshot_t *snapshot_create(apr_pool_t *pool);

/* The value there, good until `reader` is cleared; NULL when there is none. */
const void *snapshot_read(snapshot_t *place, apr_pool_t *reader);

/* A pool to make a new value in; give it to snapshot_replace() or destroy it.
 */
apr_pool_t *snapshot_pool(void);

/* Puts value, which lives in value_pool, in place of the old one. NULL, with
 * value_pool NULL: leaves the place empty. */
void snapshot_replace(snapshot_t *place, const void *value,
                      apr_pool_t *value_pool);

#endif
