/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t and a start find wrong with the configuration. */
#ifndef RESPONDER_CHECK_H
#define RESPONDER_CHECK_H

#include "httpd.h"
#include "http_config.h"
#include "apr_tables.h"

/* The check_config hook: judges every responder and puts it on the responders.
 * Fails under httpd -t for any error, and at a first start for keys and
 * certificates that cannot be used; never for the database, and never when a
 * running server reads its configuration again, as that would end it. */
int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                 server_rec *servers);

/* -- its parts: each adds to findings, once the configuration is read ------ */

/* sections and unused are what sections_list() finds. */

/* What sections around a responder's ask of its clients, and the responder does
 * not undo, as it is the administrator's to say: warns of passwords and methods
 * that OCSP clients do not have, and of requests that are cut short. */
void check_around(apr_array_header_t *findings,
                  const apr_array_header_t *sections);

/* Whether a line of the configuration asks what check_around() warns of. */
int check_around_is_wanted(const ap_directive_t *line);

/* Whether not everybody may read what a line sets in its section, or the
 * section says by a Require that everybody may. */
int check_around_guards(apr_pool_t *pool, const ap_directive_t *line);

/* Modules that tell who is let in; what one says, the other does not undo. */
typedef enum {
    CHECK_REQUIRE = 0, /* mod_authz_core */
    CHECK_COMPAT       /* mod_access_compat: Order, Allow, Deny */
} check_rules_t;

typedef enum {
    CHECK_UNSAID = 0, /* all are let in, as nothing says otherwise */
    CHECK_NOBODY,
    CHECK_PASSWORD,
    CHECK_SOME, /* some addresses, or what else is not known here */
    CHECK_EVERYBODY
} check_access_t;

/* The line that decides who is let in, of a section's from the first on; NULL:
 * none does, so that it is as in sections around. */
const ap_directive_t *check_access_decider(const ap_directive_t *first,
                                           check_rules_t rules);

/* Whom such a line lets in. */
check_access_t check_access_of(const ap_directive_t *line);

int check_is_named(const ap_directive_t *directive, const char *name);

/* Whether a section holds for all requests of a <Location>'s that are OCSP's,
 * or for those of one method. */
int check_is_looked_into(const ap_directive_t *section);

/* Warns of requests that are too long for a responder's server, or miss it. */
void check_urls(apr_array_header_t *findings,
                const apr_array_header_t *sections);

/* Warns if a line is a SetHandler ocsp-responder-status that everybody may
 * read, as no Require stands in its section or around it; or one of a handler
 * that is called like the module's own and is none. */
void check_page(apr_array_header_t *findings, const ap_directive_t *line);

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
