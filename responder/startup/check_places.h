/* SPDX-License-Identifier: Apache-2.0
 * The places of the configuration where lines hold for whole URLs, and whom
 * those let in. */
#ifndef RESPONDER_CHECK_PLACES_H
#define RESPONDER_CHECK_PLACES_H

#include "apr_hash.h"

#include "startup/check.h"

/* -- access ---------------------------------------------------------------- */

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

/* mod_access_compat's directives. */
enum { CHECK_ORDER = 0, CHECK_ALLOW, CHECK_DENY, CHECK_SATISFY, CHECK_COMPAT };

/* Whom a section lets in, or those that hold for a request together. */
typedef struct {
    check_rule_t require; /* mod_authz_core's lines together */
    check_rule_t compat[CHECK_COMPAT];
    int has_require; /* for this method or another */
    int has_compat;  /* likewise */
    int is_merged;   /* AuthMerging And or Or, which is not followed further */
} check_said_t;

/* What the lines of a section's from the first on say of requests with a
 * method; not those of a section in it. */
check_said_t check_access_said(apr_pool_t *pool, const ap_directive_t *first,
                               const char *method);

/* Whether a line is about access, or a section of such lines. */
int check_is_of_access(const ap_directive_t *line);

/* Whether a line's directive has a name, in any case. */
static inline int check_is_named(const ap_directive_t *directive,
                                 const char *name)
{
    /* Most differ in their first letters: 32 is what makes a letter small. */
    return (*directive->directive | 32) == (*name | 32)
        && strcasecmp(directive->directive, name) == 0;
}

/* The words behind a section's name; in pool. */
const char *check_words_of(apr_pool_t *pool, const ap_directive_t *section);

/* Whether a word is among words, as httpd splits them: in any case. */
int check_has_word(apr_pool_t *pool, const char *words, const char *word);

/* -- places ---------------------------------------------------------------- */

/* The directives that are looked for, besides those of access. */
enum {
    CHECK_ALLOW_METHODS = 0,
    CHECK_QUICK_HANDLER,
    CHECK_LIMIT_BODY,
    CHECK_SET_HANDLER,
    CHECK_REQUIRE_SSL,
    CHECK_SSL_ENGINE,
    CHECK_SERVER_NAME,
    CHECK_SERVER_ALIAS,
    CHECK_MAX_REQUEST,
    CHECK_RESPONDER, /* where a CA is set */
    CHECK_WANTED
};

/* The methods of OCSP. Pages are read by the first. */
enum { CHECK_GET = 0, CHECK_POST, CHECK_METHODS };

/* What holds for all URLs of a server, or for those of a <Location>, or for the
 * files of a <Directory>. */
typedef struct check_place_t {
    int server;                    /* its number, 0: the main one */
    const ap_directive_t *section; /* NULL: the server */
    const ap_directive_t
        *found[CHECK_WANTED];   /* the last of each; NULL: none */
    const check_said_t *said;   /* whom it lets in by each method; NULL: it says
                                 * nothing of access */
    const char *path;           /* "" for a server */
    const ap_regex_t *pattern;  /* of a <LocationMatch>; NULL: path counts */
    int is_if;                  /* or an <ElseIf> or <Else> in it */
    apr_uint64_t rank;          /* the higher, the more its lines count */
    struct check_place_t *next; /* with the same path; NULL: there is none */
} check_place_t;

/* All of them in which something is found. */
typedef struct {
    apr_array_header_t *all;    /* check_place_t * */
    apr_array_header_t *paths;  /* apr_hash_t * of each server: one of its own
                                 * with each path, or "~" with a pattern, of
                                 * those whose lines hold for others */
    apr_array_header_t *around; /* const check_place_t *: of the last chain */
} check_places_t;

check_places_t check_places(apr_pool_t *pool);

/* What holds where a server is asked for what is in a place, which is its own
 * or the main server's. */
typedef struct {
    const check_place_t *inner;
    apr_array_header_t *places; /* const check_place_t *: the later, the more
                                 * its lines count */
    const ap_directive_t
        *found[CHECK_WANTED]; /* the line of each by which httpd goes; NULL:
                               * there is none, or it is in an <If> */
} check_chain_t;

/* It holds until the next is asked for. */
check_chain_t check_places_around(const check_places_t *places, int server,
                                  const check_place_t *inner);

/* Whom all of them let in by a method. Which <If>s are true is not known: those
 * are taken to be that keep more out, or else those that let more in. */
check_rule_t check_access_of(const check_chain_t *chain, int method,
                             int keeps_out);

/* Warns if the SetHandler of the inner place is ocsp-responder-status,
 * everybody may read that page, and no Require in its section says that this is
 * meant. */
void check_page(apr_array_header_t *findings, const check_chain_t *chain);

#endif
