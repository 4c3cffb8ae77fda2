/* SPDX-License-Identifier: Apache-2.0
 * OCSPResponderProfile: what a profile's text demands of a responder, rule by
 * rule, against what is configured. */
#ifndef RESPONDER_PROFILE_H
#define RESPONDER_PROFILE_H

#include "apr_pools.h"
#include "apr_tables.h"
#include "httpd/config.h"
#include "serve/authority.h"

/* The rules of the location's profile that it breaks: sentences (const char *,
 * in the call's pool) that name profile, rule, cause and the section of the
 * text. None without a profile. authority has a signer; source is asked for
 * certificates that the profile objects to. */
apr_array_header_t *profile_faults(const ocsp_responder_call_t *call,
                                   const config_t *config,
                                   const registry_source_t *source,
                                   const authority_t *authority);

#endif
