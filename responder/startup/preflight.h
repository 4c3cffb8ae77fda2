/* SPDX-License-Identifier: Apache-2.0
 * Looks into the sources for httpd -t: in a process of its own, as the user
 * that httpd will run as, and not for ever. */
#ifndef RESPONDER_PREFLIGHT_H
#define RESPONDER_PREFLIGHT_H

#include "apr_tables.h"
#include "serve/responder.h"
#include "httpd/sections.h"

/* A list of what to probe, in pool. */
apr_array_header_t *preflight_begin(apr_pool_t *pool);

/* Adds a section, whose source must be there; credentials NULL: only the CA is
 * looked for. The section must live as long as the list. */
void preflight_add(apr_array_header_t *probes, const section_t *section,
                   const responder_parts_t *parts);

/* Probes all of them and adds what it finds. A source that cannot be reached is
 * a warning. */
void preflight_run(const apr_array_header_t *probes,
                   apr_array_header_t *findings);

#endif
