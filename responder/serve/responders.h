/* SPDX-License-Identifier: Apache-2.0
 * The responders of this server and whom each answers for. What keys and
 * certificates the configuration names are loaded by the parent process, the
 * rest by each child when it is first asked; and what changes is noticed. */
#ifndef RESPONDER_RESPONDERS_H
#define RESPONDER_RESPONDERS_H

#include "apr_tables.h"
#include "httpd/config.h"
#include "serve/authority.h"
#include "serve/ca_set.h"
#include "ocsp/request.h"

/* Begins an empty responders in pool; the old one is forgotten. */
void responders_begin(apr_pool_t *pool);

/* Adds the settings of a section of server's, once each, with their key and
 * certificate. pair NULL: they could not be loaded; requests are answered
 * internalError, and why is logged. Not after child processes are made. */
void responders_add(server_rec *server, const config_t *config,
                    const credentials_t *pair, const char *why);

/* Prepares this child process; pool lives as long as it. */
void responders_child_init(apr_pool_t *pool);

typedef enum {
    RESPONDERS_BROKEN = 0,  /* settings or rows that do not go together */
    RESPONDERS_UNAVAILABLE, /* the database does not answer */
    RESPONDERS_OTHER,       /* not a CA that this location answers for */
    RESPONDERS_FOUND
} responders_result_t;

/* Finds the authorities (const authority_t *) that every CertID of
 * request names: one, or several with the same name and key. On FOUND they are
 * good until r is done; otherwise *why is in r's pool. */
responders_result_t responders_find(request_rec *r, const config_t *config,
                                    const request_t *request,
                                    const apr_array_header_t **authorities,
                                    const char **why);

/* Is shown one responder and whom it answers for just now: cas is good until
 * r is done; NULL: *why tells, in r's pool. r is of the responder's server. */
typedef void (*responders_visit_t)(void *context, request_rec *r,
                                   const config_t *config, const ca_set_t *cas,
                                   const char *why);

/* Shows each responder, in no order. Asks the database where that is due. */
void responders_each(request_rec *r, responders_visit_t visit, void *context);

#endif
