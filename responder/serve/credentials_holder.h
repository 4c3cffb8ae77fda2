/* SPDX-License-Identifier: Apache-2.0
 * The credentials of a section as they are now, in a child process: read again
 * when their files change. */
#ifndef RESPONDER_CREDENTIALS_HOLDER_H
#define RESPONDER_CREDENTIALS_HOLDER_H

#include "serve/credentials.h"

typedef struct credentials_holder_t credentials_holder_t;

/* Those of a section of server's. loaded is what the parent process has loaded;
 * NULL if it could not, and why tells. Lives in pool. */
credentials_holder_t *credentials_holder_create(
    apr_pool_t *pool, server_rec *server, const config_t *config,
    const credentials_t *loaded, const char *why);

/* Prepares it in this child process; pool lives as long as that. */
void credentials_holder_child_init(credentials_holder_t *holder,
                                   apr_pool_t *pool);

/* Looks whether anything has changed, and reads it anew. May block; does
 * nothing while another thread is at it. */
void credentials_holder_renew(credentials_holder_t *holder,
                              apr_pool_t *scratch);

/* What the parent process has loaded, where something has taken its place
 * since; else NULL. */
const credentials_t *credentials_holder_before(credentials_holder_t *holder,
                                               apr_pool_t *scratch);

/* What there is now, good until pool is cleared; NULL if nothing could be
 * loaded. *why, in pool, is why something is missing, a key in a token maybe.
 */
const credentials_t *credentials_holder_in_use(
    credentials_holder_t *holder, apr_pool_t *pool, const char **why);

#endif
