/* SPDX-License-Identifier: Apache-2.0
 * OCSPResponderProfile: what a profile's text demands of a responder, rule by
 * rule, against what is configured. */
#ifndef RESPONDER_PROFILE_H
#define RESPONDER_PROFILE_H

#include "serve/authority.h"
#include "startup/report.h"

/* Reports the rules of the location's profile that it breaks, with profile,
 * rule, cause and the section of the text; and hashes that are wanted and
 * missing, with or without a profile. authority has a signer; the source is
 * asked for certificates that are objected to. */
void profile_check(const reporter_t *reporter,
                   const ocsp_responder_call_t *call,
                   const authority_t *authority);

#endif
