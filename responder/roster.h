/* SPDX-License-Identifier: Apache-2.0
 * The authorities that this server answers for: their keys are loaded by the
 * parent process, the rest by each child as soon as the database answers. */
#ifndef RESPONDER_ROSTER_H
#define RESPONDER_ROSTER_H

#include "config.h"
#include "enrol.h"
#include "request.h"

/* Begins an empty roster in pool; the old one is forgotten. */
void roster_begin(apr_pool_t *pool);

/* Adds the settings of a section of server's, once each, with their key and
 * certificate. pair NULL: they could not be loaded; requests are answered
 * internalError, and *why is logged. Not after child processes are made. */
void roster_add(server_rec *server, const config_t *config, const pair_t *pair,
                const char *why);

/* Prepares this child process; pool lives as long as it. */
void roster_child_init(apr_pool_t *pool);

typedef enum {
    ROSTER_BROKEN = 0,    /* settings or rows that do not go together */
    ROSTER_UNAVAILABLE,   /* the database does not answer */
    ROSTER_OTHER,         /* not a CA that this location answers for */
    ROSTER_FOUND
} roster_result_t;

/* Finds the authority that every CertID of request names. On FOUND *authority
 * is good until r is done; otherwise *why is in r's pool. */
roster_result_t roster_find(request_rec *r, const config_t *config,
                            const request_t *request,
                            const enrol_authority_t **authority,
                            const char **why);

#endif
