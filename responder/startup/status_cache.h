/* SPDX-License-Identifier: Apache-2.0
 * How full the cache of signed answers is. */
#ifndef RESPONDER_STATUS_CACHE_H
#define RESPONDER_STATUS_CACHE_H

#include "startup/status_table.h"

/* Adds what the provider tells of itself; families without a sample where it
 * tells nothing. */
void status_add_cache(apr_array_header_t *table, request_rec *r);

#endif
