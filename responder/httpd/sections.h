/* SPDX-License-Identifier: Apache-2.0
 * The sections of the configuration that a request can end up in. */
#ifndef RESPONDER_SECTIONS_H
#define RESPONDER_SECTIONS_H

#include "httpd/config.h"

typedef struct {
    server_rec *server;
    const char *path;       /* "/ocsp/" */
    const config_t *config; /* merged as httpd does it for a request, with one
                             * of its pairs of key and certificate */
} section_t;

/* Lists, as section_t in pool, each section of each server that is a responder,
 * for each of its pairs of key and certificate, once the configuration is read.
 */
const apr_array_header_t *sections_list(apr_pool_t *pool, server_rec *servers);

#endif
