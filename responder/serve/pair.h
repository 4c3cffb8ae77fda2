/* SPDX-License-Identifier: Apache-2.0
 * The configured key and certificate of a responder as they are now: read again
 * when their files change. */
#ifndef RESPONDER_PAIR_H
#define RESPONDER_PAIR_H

#include "httpd.h"
#include "serve/credentials.h"

typedef struct pair_t pair_t;

/* The pair of a section of server's. loaded is what the parent process has
 * loaded; NULL if it could not, and why tells. Lives in pool. */
pair_t *pair_create(apr_pool_t *pool, server_rec *server,
                    const config_t *config, const credentials_t *loaded,
                    const char *why);

/* Prepares it in this child process; pool lives as long as that. */
void pair_child_init(pair_t *pair, apr_pool_t *pool);

/* Looks whether anything has changed, and reads it anew. May block; does
 * nothing while another thread is at it. */
void pair_renew(pair_t *pair, apr_pool_t *scratch);

/* What there is now, good until pool is cleared; NULL if nothing could be
 * loaded. *why, in pool, is why something is missing, a key in a token maybe.
 */
const credentials_t *pair_read(pair_t *pair, apr_pool_t *pool,
                               const char **why);

#endif
