/* SPDX-License-Identifier: Apache-2.0
 * Looks into the sources of statuses, at keys and certificates for httpd -t and
 * for a running server: in a process of its own, as the user that httpd will
 * run as, and not for ever. */
#ifndef RESPONDER_PREFLIGHT_H
#define RESPONDER_PREFLIGHT_H

#include "apr_tables.h"
#include "serve/responder.h"

/* What is to be looked at. */
typedef struct preflight_t preflight_t;

/* Nothing yet, with room for so many locations, in pool. */
preflight_t *preflight_begin(apr_pool_t *pool, int count);

/* Adds a location. parts, with credentials NULL where only the CA is looked
 * for, are copied; what they point to must live as long as the pool. */
void preflight_add(preflight_t *preflight, const responder_parts_t *parts);

/* Whether there is nothing to look at. */
int preflight_is_empty(const preflight_t *preflight);

/* Looks at all of them. For httpd -t all that there is to find is added to
 * findings. NULL: for a running server; what time and data bring is logged, and
 * tokens are not opened, as it has them open. A database that cannot be reached
 * is a warning. */
void preflight_run(preflight_t *preflight, apr_array_header_t *findings);

#endif
