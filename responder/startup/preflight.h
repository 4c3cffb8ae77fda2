/* SPDX-License-Identifier: Apache-2.0
 * Looks into the sources of statuses, at keys and certificates for httpd -t and
 * for a running server: in a process of its own, as the user that httpd will
 * run as, and not for ever. */
#ifndef RESPONDER_PREFLIGHT_H
#define RESPONDER_PREFLIGHT_H

#include "apr_tables.h"
#include "httpd/sections.h"
#include "serve/responder.h"

/* What is to be looked at. */
typedef struct preflight_t preflight_t;

typedef enum {
    PREFLIGHT_NOTHING = 0,
    PREFLIGHT_TEST, /* for httpd -t: all there is to find, by file and line */
    PREFLIGHT_WATCH /* for a running server: what time and data bring, to the
                     * log; tokens are not opened */
} preflight_mode_t;

/* Nothing yet, with room for so many sections, in pool. */
preflight_t *preflight_begin(apr_pool_t *pool, int count);

/* Adds a section. parts.credentials NULL: only the CA is looked for. Both must
 * live as long as the pool; parts itself is copied. */
void preflight_add(preflight_t *preflight, const section_t *section,
                   const responder_parts_t *parts);

/* Whether there is nothing to look at. */
int preflight_is_empty(const preflight_t *preflight);

/* Looks at all of them. For PREFLIGHT_TEST what is found is added to findings,
 * which are NULL otherwise. A database that cannot be reached is a warning. */
void preflight_run(preflight_t *preflight, preflight_mode_t mode,
                   apr_array_header_t *findings);

#endif
