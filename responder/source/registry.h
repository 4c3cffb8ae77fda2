/* SPDX-License-Identifier: Apache-2.0
 * The sources that modules have added, and the instances of them that the
 * configuration asks for. */
#ifndef RESPONDER_REGISTRY_H
#define RESPONDER_REGISTRY_H

#include "httpd.h"
#include "apr_tables.h"
#include "mod_ocsp_responder.h"

/* A source as one or more responder locations use it. Lives as long as the
 * configuration; what gives the same answers is the same pointer. */
typedef struct {
    const ocsp_responder_source_t *source;
    void *instance;
} registry_source_t;

/* Collects, in pool, the sources that modules add; those of the configuration
 * before are forgotten. Returns what is wrong with some of them (const char *
 * in pool, whole sentences): they cannot be used. Call before any other
 * function here, each time that the configuration is read. */
const apr_array_header_t *registry_collect(apr_pool_t *pool);

/* The source of that name, with an instance for the settings, which live as
 * long as the configuration does. NULL with *why in the registry's pool: there
 * is none, or it refuses the settings. */
const registry_source_t *registry_configure(
    server_rec *server, const char *name,
    const ocsp_responder_settings_t *settings, const char **why);

/* Prepares every instance in this child process; pool lives as long as it. */
void registry_child_init(apr_pool_t *pool, server_rec *server);

#endif
