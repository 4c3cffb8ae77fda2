/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/policy.h"

#include "apr_strings.h"

#include "ocsp/crl_reason.h"

/* RFC 6960 §2.2: what a serial that no CA issued is revoked with. */
static const ocsp_responder_status_t extended_revoke = {
    .cert_status = OCSP_RESPONDER_REVOKED,
    .revocation_time = 0,
    .reason = CRL_REASON_CERTIFICATE_HOLD,
};

policy_t policy_decide(apr_pool_t *pool, config_unknown_t unknown,
                       const ocsp_responder_status_t *found, int count)
{
    ocsp_responder_status_t *sent =
        apr_pmemdup(pool, found, (apr_size_t)count * sizeof(*found));
    policy_t policy = { .statuses = sent };
    int i;

    for (i = 0; i < count; i++) {
        if (found[i].cert_status != OCSP_RESPONDER_UNKNOWN)
            continue;
        policy.never_issued++;
        if (unknown == CONFIG_UNKNOWN_REVOKED)
            sent[i] = extended_revoke;
    }
    policy.is_refused =
        policy.never_issued && unknown == CONFIG_UNKNOWN_UNAUTHORIZED;
    policy.extended_revoke =
        policy.never_issued && unknown == CONFIG_UNKNOWN_REVOKED;
    return policy;
}
