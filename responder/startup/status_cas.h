/* SPDX-License-Identifier: Apache-2.0
 * The CAs that are answered for, and who signs for them. */
#ifndef RESPONDER_STATUS_CAS_H
#define RESPONDER_STATUS_CAS_H

#include "startup/status_table.h"

/* Adds what is known and what was counted of each CA; with is_short only the
 * latter. */
void status_add_cas(apr_array_header_t *table, request_rec *r, int is_short);

#endif
