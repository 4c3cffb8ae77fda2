/* SPDX-License-Identifier: Apache-2.0
 * Asks the source about what a request asks for. */
#ifndef RESPONDER_LOOKUP_H
#define RESPONDER_LOOKUP_H

#include "serve/exchange.h"

/* The status of every CertID of a request, in order, each serial looked up
 * once: an answer says one thing of one certificate. The CA may have one row
 * or, renewed with the same name and key, several: at most one of the
 * authorities may know a serial; the last that does is left in *owner, which is
 * otherwise not written. As a source's look_up() else. */
ocsp_responder_lookup_t lookup_statuses(const exchange_t *exchange,
                                        ocsp_responder_status_t *statuses,
                                        const authority_t **owner,
                                        const char **why);

#endif
