/* SPDX-License-Identifier: Apache-2.0
 * Who signs an answer, of those who may. */
#ifndef RESPONDER_SIGNING_AUTHORITY_H
#define RESPONDER_SIGNING_AUTHORITY_H

#include "serve/authority.h"
#include "serve/exchange.h"

/* Who is to sign: the owner of what is asked for (NULL: the first authority) or
 * another with its name and key. Where the location has several pairs of key
 * and certificate, with the one whose algorithm the client prefers, else the
 * first that can (RFC 6960 §4.4.7.2.1). The owner itself when none can. Good
 * until the request is done. */
const authority_t *signing_authority(const exchange_t *exchange,
                                     const authority_t *owner);

#endif
