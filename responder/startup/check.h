/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t and a start find wrong with the configuration. */
#ifndef RESPONDER_CHECK_H
#define RESPONDER_CHECK_H

#include "httpd.h"
#include "http_config.h"
#include "apr_tables.h"

/* The check_config hook: judges every responder and has it answer.
 * Fails under httpd -t for any error, and at a first start for keys,
 * certificates and other modules' sources that cannot be used; never for the
 * database, and never when a running server reads its configuration again, as
 * that would end it. */
int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                 server_rec *servers);

/* -- its parts: each adds to findings, once the configuration is read ------ */

/* sections and unused are what sections_list() finds. */

/* What sections around a responder's ask of its clients, and the responder does
 * not undo, as it is the administrator's to say: warns of passwords and methods
 * that OCSP clients do not have, and of requests that are cut short; and of
 * status pages that everybody may read. */
void check_around(apr_array_header_t *findings);

/* Warns of requests that are too long for a responder's server, or miss it. */
void check_urls(apr_array_header_t *findings,
                const apr_array_header_t *sections);

/* Warns if a line is a SetHandler of what is called like the module's own
 * handlers and is none. */
void check_handler(apr_array_header_t *findings, const ap_directive_t *line);

/* Warns if a line is an <OCSPResponderTable> that is wrong and that none of
 * sections names: of one that is named, its location tells. */
void check_table(apr_array_header_t *findings,
                 const apr_array_header_t *sections,
                 const ap_directive_t *line);

/* Warns of each of unused that has OCSPResponderKey, Cert or Source: its
 * OCSPResponderCA is missing. */
void check_unused(apr_array_header_t *findings,
                  const apr_array_header_t *unused);

#endif
