/* SPDX-License-Identifier: Apache-2.0
 * One responder in a child process: its pair, its CAs and who signs for them,
 * renewed by threads of its own as files, tokens and the source change. */
#ifndef RESPONDER_RESPONDER_H
#define RESPONDER_RESPONDER_H

#include "serve/authority.h"
#include "serve/ca_set.h"

typedef struct responder_t responder_t;

/* A responder with the settings of a section of server's, and the
 * credentials that the parent process has loaded; NULL if it could not, and why
 * tells. source is NULL if there is none for these settings, and why tells. */
typedef struct {
    server_rec *server;
    const config_t *config;
    const registry_source_t *source;
    const credentials_t *credentials;
    const char *why;
} responder_parts_t;

/* Lives in pool. */
responder_t *responder_create(apr_pool_t *pool, const responder_parts_t *parts);

/* Prepares it in this child process; pool lives as long as that.
 * token_secret: as in authority_means_t. */
void responder_child_init(responder_t *responder, apr_pool_t *pool,
                          const unsigned char *token_secret);

/* Its source; NULL if there is none. */
const registry_source_t *responder_source(const responder_t *responder);

/* The CAs that a request is to be answered by, good until it is done. early: it
 * may be a new CA that it asks for. Has them renewed when it is time to, and
 * waits for that only where there are none yet. NULL with *result and *why in
 * the call's pool. */
const ca_set_t *responder_cas(responder_t *responder,
                              const ocsp_responder_call_t *call, int early,
                              ocsp_responder_lookup_t *result,
                              const char **why);

/* The authority of one of its CAs, good until the call's pool is cleared; made
 * when it is first asked for. NULL with *result and *why as above. */
const authority_t *responder_authority(
    responder_t *responder, const ocsp_responder_call_t *call,
    const ca_entry_t *entry, ocsp_responder_lookup_t *result, const char **why);

/* The settings it was made with. */
const config_t *responder_config(const responder_t *responder);

/* What is known now of its CAs, and when it was last found right; nothing is
 * asked. Good until pool is cleared; NULL if nothing is known. */
const ca_set_t *responder_known_cas(responder_t *responder, apr_pool_t *pool,
                                    apr_time_t *taken_at);
const authority_t *responder_known_authority(
    responder_t *responder, apr_pool_t *pool, const ca_entry_t *entry);

#endif
