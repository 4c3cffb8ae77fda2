/* SPDX-License-Identifier: Apache-2.0
 * One responder in a child process: its pair, its CAs and who signs for them,
 * renewed by threads of its own as files, tokens and the source change. */
#ifndef RESPONDER_RESPONDER_H
#define RESPONDER_RESPONDER_H

#include "serve/authorities.h"
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

/* What it was made of. */
const responder_parts_t *responder_parts(const responder_t *responder);

/* Prepares it in this child process; pool lives as long as that. */
void responder_child_init(responder_t *responder, apr_pool_t *pool);

/* Who signs for its CAs, in a child process. */
authorities_t *responder_authorities(const responder_t *responder);

/* The CAs that a request is to be answered by, good until it is done. early: it
 * may be a new CA that it asks for. Has them renewed when it is time to, and
 * waits for that only where there are none yet. NULL with *result and *why in
 * the call's pool. */
const ca_set_t *responder_cas(responder_t *responder,
                              const ocsp_responder_call_t *call, int early,
                              ocsp_responder_lookup_t *result,
                              const char **why);

/* Has its CAs listed anew when that is due, though nothing may seem to have
 * changed: the source does not answer for one of them, which may be gone. */
void responder_doubt(responder_t *responder);

/* What is known now of its CAs, and when it was last found right; nothing is
 * asked. Good until pool is cleared; NULL if nothing is known. */
const ca_set_t *responder_known_cas(responder_t *responder, apr_pool_t *pool,
                                    apr_time_t *taken_at);

#endif
