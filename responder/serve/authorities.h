/* SPDX-License-Identifier: Apache-2.0
 * The authorities of a responder's CAs in a child process: each is made when it
 * is first asked for, and anew when something about it changes. */
#ifndef RESPONDER_AUTHORITIES_H
#define RESPONDER_AUTHORITIES_H

#include "base/snapshot.h"
#include "serve/authority.h"
#include "serve/ca_set.h"
#include "serve/credentials_holder.h"
#include "serve/task.h"

typedef struct authorities_t authorities_t;

/* What they are made of and by. */
typedef struct {
    server_rec *server;
    const config_t *config;
    const registry_source_t *source;
    credentials_holder_t *pair;
    snapshot_t *cas; /* a ca_set_t */
    task_threads_t *threads;
} authorities_parts_t;

/* None yet. Lives in pool, which lives as long as this child process. */
authorities_t *authorities_create(apr_pool_t *pool,
                                  const authorities_parts_t *parts);

/* The authority of a CA, good until the call's pool is cleared. Made in a
 * thread of its own if it is the first time, and waited for. NULL with *result
 * and *why in the call's pool. */
const authority_t *authorities_get(
    authorities_t *authorities, const ocsp_responder_call_t *call,
    const ca_entry_t *entry, ocsp_responder_lookup_t *result, const char **why);

/* The same if it has been made, else NULL. */
const authority_t *authorities_known(authorities_t *authorities,
                                     apr_pool_t *pool, const ca_entry_t *entry);

/* Has those made anew of which something has changed. Looks at files, but waits
 * for nothing else. */
void authorities_renew(authorities_t *authorities, apr_pool_t *scratch);

/* Waits until those are made, but not beyond deadline, an instant. */
void authorities_join(authorities_t *authorities, apr_pool_t *scratch,
                      apr_time_t deadline);

#endif
