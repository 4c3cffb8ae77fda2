/* SPDX-License-Identifier: Apache-2.0
 * The sections of the configuration that a request can end up in. */
#ifndef RESPONDER_SECTIONS_H
#define RESPONDER_SECTIONS_H

#include "httpd/config.h"

typedef struct {
    server_rec *server;
    const char *path;       /* "/ocsp/" */
    const config_t *config; /* of a responder: merged as httpd does it for a
                             * request, with one of its pairs of key and
                             * certificate; else as it stands in the section */
} section_t;

/* A section, and one behind it in whose path it is, or which has the same. */
typedef struct {
    section_t narrow;
    section_t broad;
} section_overlap_t;

typedef struct {
    apr_array_header_t *responders; /* section_t, for each pair of each */
    apr_array_header_t *unused;     /* section_t: with settings, but without a
                                     * CA, that are no responder's */
    apr_array_header_t *overlaps;   /* section_overlap_t */
} sections_t;

/* What the sections of all servers come to, once the configuration is read: the
 * responders are in pool, all else is in temporary. */
const sections_t *sections_list(apr_pool_t *pool, apr_pool_t *temporary,
                                server_rec *servers);

#endif
