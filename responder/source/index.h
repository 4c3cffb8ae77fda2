/* SPDX-License-Identifier: Apache-2.0
 * The source "index": statuses out of the database of `openssl ca`, a text file
 * for each CA. */
#ifndef RESPONDER_INDEX_H
#define RESPONDER_INDEX_H

#include "mod_ocsp_responder.h"

extern const ocsp_responder_source_t index_source;

#endif
