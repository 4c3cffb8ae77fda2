/* SPDX-License-Identifier: Apache-2.0
 * The source "crl": statuses out of certificate revocation lists in files. */
#ifndef RESPONDER_CRL_H
#define RESPONDER_CRL_H

#include "mod_ocsp_responder.h"

extern const ocsp_responder_source_t crl_source;

#endif
