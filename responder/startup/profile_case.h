/* SPDX-License-Identifier: Apache-2.0
 * What OCSPResponderProfile compares with its rules, and what of it is about
 * who signs, or asks the source. */
#ifndef RESPONDER_PROFILE_CASE_H
#define RESPONDER_PROFILE_CASE_H

#include "httpd/config.h"
#include "serve/authority.h"

/* What is compared with the rules; times are in seconds. */
typedef struct {
    apr_pool_t *pool;
    const ocsp_responder_call_t *call;
    const config_t *config;
    const registry_source_t *source;
    const authority_t *authority;
    X509 *certificate;    /* the signer's */
    apr_int64_t interval; /* from thisUpdate to nextUpdate, both included */
    apr_int64_t age;      /* that an answer has at most when it is sent */
} profile_case_t;

/* Each returns what is wrong, in the case's pool; NULL: nothing. */
const char *profile_signer_usage_extended(const profile_case_t *tested);
const char *profile_signer_no_check(const profile_case_t *tested);
const char *profile_signer_usage(const profile_case_t *tested);
const char *profile_signer_key_identifier(const profile_case_t *tested);
const char *profile_signer_alternative_name(const profile_case_t *tested);
const char *profile_signer_not_sent(const profile_case_t *tested);
const char *profile_signer_lifetime(const profile_case_t *tested);
const char *profile_signer_salt(const profile_case_t *tested);
const char *profile_signer_strength(const profile_case_t *tested);

/* Likewise, of the certificates in the source: one on hold, a CA's revoked for
 * no reason, one that was never issued and is good, one without a hash; or why
 * nobody can tell. */
const char *profile_source_held(const profile_case_t *tested);
const char *profile_source_unexplained(const profile_case_t *tested);
const char *profile_source_never_issued(const profile_case_t *tested);
const char *profile_source_hash(const profile_case_t *tested);

/* Without a rule: that OCSPResponderCertHash is on, and that the source, which
 * keeps certificates, lacks one. NULL: nothing is known to be missing. */
const char *profile_source_lacks_hash(const profile_case_t *tested);

#endif
