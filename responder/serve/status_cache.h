/* SPDX-License-Identifier: Apache-2.0
 * Statuses that were read from an SQLite file, each of use while the file is in
 * the state in which it was read. Of fixed size. */
#ifndef RESPONDER_STATUS_CACHE_H
#define RESPONDER_STATUS_CACHE_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "db/sqlite.h"
#include "base/zone.h"

/* What a status depends on besides the database. */
typedef struct {
    const ocsp_responder_query_t *query;
    const zone_t *zone; /* of a configuration that does not change */
} status_cache_key_t;

typedef struct status_cache_t status_cache_t;

/* For so many statuses, of about 120 octets each. Lives in pool; NULL when out
 * of resources. */
status_cache_t *status_cache_create(apr_pool_t *pool, unsigned statuses);

/* The status that was read for key, and in *state when. 0: none is known. It is
 * true only if the database is still in that state: query_is_unchanged() tells.
 */
int status_cache_find(status_cache_t *memory, const status_cache_key_t *key,
                      ocsp_responder_status_t *status, sqlite_state_t *state);

/* Keeps a status that was read in that state; those of others are of no use
 * from then on. */
void status_cache_store(status_cache_t *memory, const status_cache_key_t *key,
                        const ocsp_responder_status_t *status,
                        const sqlite_state_t *state);

#endif
