/* SPDX-License-Identifier: Apache-2.0
 * The lines of the configuration, and where another module's directive stands,
 * for messages about it. Only while the configuration is read. */
#ifndef RESPONDER_DIRECTIVE_PLACE_H
#define RESPONDER_DIRECTIVE_PLACE_H

#include "httpd.h"
#include "http_config.h"
#include "httpd/config.h"

/* The line behind one of ap_conftree's, as they are written: a section's own
 * come first. NULL behind the last. */
const ap_directive_t *directive_place_next(const ap_directive_t *line);

/* The <VirtualHost> that a line is in; NULL: the main server's. */
const ap_directive_t *directive_place_host(const ap_directive_t *line);

/* Where a line stands; in pool. */
const config_place_t *directive_place_of(apr_pool_t *pool,
                                         const ap_directive_t *line);

/* The place of the directive that counts for a server: its own last one, else
 * that of the main server. In pool; NULL if there is none. */
const config_place_t *directive_place(
    apr_pool_t *pool, const server_rec *server, const char *directive);

/* A fault of another module's directive, with the place of the location that
 * it is a fault for. In pool. */
const char *directive_place_fault(apr_pool_t *pool, const config_t *config,
                                  const char *text);

#endif
