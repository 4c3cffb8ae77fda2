/* SPDX-License-Identifier: Apache-2.0
 * One request on the way to its answer: what a step needs of those before. */
#ifndef RESPONDER_EXCHANGE_H
#define RESPONDER_EXCHANGE_H

#include "httpd.h"
#include "apr_tables.h"
#include "mod_ocsp_responder.h"
#include "httpd/config.h"
#include "ocsp/request.h"
#include "serve/authority.h"
#include "serve/policy.h"
#include "source/registry.h"

/* Lives as long as r. */
typedef struct {
    request_rec *r;
    const config_t *config;
    const request_t *request;
    ocsp_responder_call_t call;            /* of the source, in r's pool */
    const registry_source_t *source;       /* once the responder is found */
    const apr_array_header_t *authorities; /* const authority_t *: the CAs that
                                            * every CertID names, with one name
                                            * and key */
    const authority_t *authority; /* who signs; as far as it can be told before
                                   * the statuses are found */
    policy_t sent;  /* what is sent for the statuses, once they are found */
    apr_time_t now; /* producedAt: taken before the first look-up */
} exchange_t;

#endif
