/* SPDX-License-Identifier: Apache-2.0
 * What the parts of the status page share. */
#ifndef RESPONDER_STATUS_HTML_H
#define RESPONDER_STATUS_HTML_H

#include "startup/status_table.h"

/* text with what HTML would take for its own escaped, in r's pool. */
const char *status_html_text(request_rec *r, const char *text);

/* A value of a family as HTML, in r's pool or static. */
const char *status_html_value(request_rec *r, const status_family_t *family,
                              double value);

/* Seconds since 1970 as "2026-11-25 23:05 UTC", in pool. */
const char *status_html_date(apr_pool_t *pool, double seconds);

/* How far from now that is, in pool: "in 12 days", "3 hours ago". */
const char *status_html_distance(apr_pool_t *pool, double seconds);

/* Writes head and rows of the table of CAs, out of the families (pointers to
 * status_family_t) of their section. */
void status_html_cas(request_rec *r, const apr_array_header_t *families);

#endif
