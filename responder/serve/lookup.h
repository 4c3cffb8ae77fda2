/* SPDX-License-Identifier: Apache-2.0
 * Asks the status source about what a request asks for, and settles who is to
 * speak. */
#ifndef RESPONDER_LOOKUP_H
#define RESPONDER_LOOKUP_H

#include "httpd.h"
#include "apr_tables.h"
#include "mod_ocsp_responder.h"
#include "serve/authority.h"
#include "ocsp/request.h"

/* The status of one CertID of a CA that has one row or, renewed with the same
 * name and key, several: at most one of these authorities (const
 * authority_t *) may know the serial. It is left in *owner, which is
 * otherwise not written. As the source's look_up() else. */
ocsp_responder_lookup_t lookup_status(
    request_rec *r, const apr_array_header_t *authorities,
    const request_certid_t *certid, ocsp_responder_status_t *status,
    const authority_t **owner, const char **why);

/* Who is to sign at now: the owner, if it can; else one of the others, whose
 * name and key are the same; else it is the owner that cannot. owner may be
 * NULL: the first. */
const authority_t *lookup_signing(const apr_array_header_t *authorities,
                                  const authority_t *owner, apr_time_t now);

#endif
