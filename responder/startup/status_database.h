/* SPDX-License-Identifier: Apache-2.0
 * The databases behind mod_dbd, as this process finds them. */
#ifndef RESPONDER_STATUS_DATABASE_H
#define RESPONDER_STATUS_DATABASE_H

#include "startup/status_table.h"

/* Adds what each database shows: its driver, whether it is asked at all just
 * now, what went wrong last, and connections. Asks none of them. */
void status_add_databases(apr_array_header_t *table);

#endif
