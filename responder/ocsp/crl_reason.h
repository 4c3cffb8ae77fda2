/* SPDX-License-Identifier: Apache-2.0
 * Why a certificate was revoked: CRLReason, RFC 5280 §5.3.1. */
#ifndef RESPONDER_CRL_REASON_H
#define RESPONDER_CRL_REASON_H

#include "apr.h"

enum {
    CRL_REASON_UNSPECIFIED = 0,
    CRL_REASON_CERTIFICATE_HOLD = 6,
    CRL_REASON_REMOVE_FROM_CRL = 8
};

/* RFC 5280's word, static; NULL for a code that has none. */
const char *crl_reason_name(int reason);

/* The code of RFC 5280's word in the spelling of whatever CA: case, '_' and ' '
 * do not count. text of no length is unspecified; -1 for another word. */
int crl_reason_of(const char *text, apr_size_t length);

/* Whether an answer gives such a reason: unspecified is left out of it, and so
 * is a code that has no name. */
int crl_reason_is_sent(int reason);

#endif
