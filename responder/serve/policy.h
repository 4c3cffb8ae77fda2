/* SPDX-License-Identifier: Apache-2.0
 * What is sent for the statuses that were looked up. It is decided here and
 * nowhere else. */
#ifndef RESPONDER_POLICY_H
#define RESPONDER_POLICY_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "httpd/config.h"

typedef struct {
    const ocsp_responder_status_t *statuses; /* as they are sent, one per
                                              * CertID */
    int never_issued;    /* how many of the serials the CA has not issued */
    int is_refused;      /* the whole request is answered unauthorized */
    int extended_revoke; /* one is sent as revoked that was never issued, and
                          * RFC 6960 §4.4.8 has the answer say so */
} policy_t;

/* Decides about what was found, count statuses, by what OCSPResponderUnknown
 * says. Lives in pool. */
policy_t policy_decide(apr_pool_t *pool, config_unknown_t unknown,
                       const ocsp_responder_status_t *found, int count);

#endif
