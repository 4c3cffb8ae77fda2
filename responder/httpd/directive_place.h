/* SPDX-License-Identifier: Apache-2.0
 * Where another module's directive stands, for messages about it. */
#ifndef RESPONDER_DIRECTIVE_PLACE_H
#define RESPONDER_DIRECTIVE_PLACE_H

#include "httpd.h"
#include "httpd/config.h"

/* The place of the directive that counts for a server: its own last one, else
 * that of the main server. In pool; NULL if there is none. Only while the
 * configuration is read. */
const config_place_t *directive_place(
    apr_pool_t *pool, const server_rec *server, const char *directive);

/* A fault of another module's directive, with the place of the location that
 * it is a fault for. In pool. */
const char *directive_place_fault(apr_pool_t *pool, const config_t *config,
                                  const char *text);

#endif
