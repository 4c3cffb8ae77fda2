/* SPDX-License-Identifier: Apache-2.0
 * One responder in a child process: its pair and its cas, which it renews
 * as files, tokens and the database change. */
#ifndef RESPONDER_RESPONDER_H
#define RESPONDER_RESPONDER_H

#include "serve/ca_set.h"

typedef struct responder_t responder_t;

/* A responder with the settings and the pair that the parent process has
 * loaded. pair NULL: it could not, and why tells. Lives in pool. */
responder_t *responder_create(apr_pool_t *pool, const config_t *config,
                              const credentials_t *pair, const char *why);

/* Prepares it in this child process; pool lives as long as that.
 * token_secret: as in authority_means_t. */
void responder_child_init(responder_t *responder, apr_pool_t *pool,
                          const unsigned char *token_secret);

/* The cas that r is to be answered by, good until r is done. early: it may
 * be a new CA that r asks for. Looks again when it is time to: one request
 * waits for that while others use what is known. NULL with *result, as
 * ca_set_load()'s, and *why in r's pool. */
const ca_set_t *responder_cas(responder_t *responder, request_rec *r, int early,
                              query_result_t *result, const char **why);

/* The settings it was made with. */
const config_t *responder_config(const responder_t *responder);

#endif
