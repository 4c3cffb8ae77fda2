/* SPDX-License-Identifier: Apache-2.0
 * Certificates in a source that a profile, or what is configured, objects to.
 */
#ifndef RESPONDER_OBJECTION_H
#define RESPONDER_OBJECTION_H

#include "serve/authority.h"

/* The serial of one of the CA's that its source has so, or "any" where each is
 * so; in the call's pool or static. NULL: there is none, or, as *unclear then
 * says, nobody can tell. */
const char *objection_find(const ocsp_responder_call_t *call,
                           const registry_source_t *source,
                           const authority_t *authority,
                           ocsp_responder_objection_t what,
                           const char **unclear);

/* That OCSPResponderCertHash is on, and that the source, which keeps
 * certificates, lacks one: a sentence in the call's pool that names it; NULL:
 * nothing is known to be missing. */
const char *objection_to_hashes(const ocsp_responder_call_t *call,
                                const config_t *config,
                                const registry_source_t *source,
                                const authority_t *authority);

#endif
