/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t and a start find wrong with the configuration. */
#ifndef RESPONDER_CHECK_H
#define RESPONDER_CHECK_H

#include "httpd.h"
#include "http_config.h"
#include "apr_tables.h"

/* The check_config hook: judges every responder and has it answer.
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

typedef enum {
    CHECK_UNSAID = 0, /* all are let in, as nothing says otherwise */
    CHECK_NOBODY,
    CHECK_PASSWORD,
    CHECK_SOME, /* some addresses, or what else is not known here */
    CHECK_EVERYBODY
} check_access_t;

typedef struct {
    check_access_t access;
    const ap_directive_t *line; /* that decides; NULL: none does */
} check_rule_t;

/* AuthMerging. */
typedef enum {
    CHECK_MERGING_UNSET = 0,
    CHECK_OFF,
    CHECK_AND,
    CHECK_OR
} check_merging_t;

/* Whom a section lets in, or those that hold for a request together. */
typedef struct {
    check_rule_t require; /* mod_authz_core */
    check_merging_t merging;
    int has_require;     /* for this method or another */
    check_rule_t compat; /* mod_access_compat: Order, Allow, Deny */
    int has_compat;
    int satisfies_any; /* one of the two is enough */
} check_said_t;

/* What the lines of a section's from the first on say of requests with a
 * method, GET or POST; not those of an <If> in it. */
check_said_t check_access_said(apr_pool_t *pool, const ap_directive_t *first,
                               const char *method);

/* Lays a section over what those before it say, as httpd does. */
void check_access_lay(check_said_t *said, const check_said_t *over);

/* Whom both modules let in. */
check_rule_t check_access_decides(const check_said_t *said);

/* Whether a rule keeps some out. */
int check_access_is_bound(check_rule_t rule);

int check_is_named(const ap_directive_t *directive, const char *name);

/* A <Limit> or a <LimitExcept>. */
int check_is_limit(const ap_directive_t *section);

/* The words behind a section's name; in pool. */
const char *check_words_of(apr_pool_t *pool, const ap_directive_t *section);

/* Whether a word is among words, as httpd splits them: in any case. */
int check_has_word(apr_pool_t *pool, const char *words, const char *word);

/* Whether a method is: to httpd, HEAD is a GET. */
int check_has_method(apr_pool_t *pool, const char *words, const char *method);

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
