/* SPDX-License-Identifier: Apache-2.0
 * The places of the configuration where lines hold for whole URLs. */
#ifndef RESPONDER_CHECK_PLACES_H
#define RESPONDER_CHECK_PLACES_H

#include "startup/check.h"

/* The directives that are looked for, besides those of access. */
enum {
    CHECK_ALLOW_METHODS = 0,
    CHECK_QUICK_HANDLER,
    CHECK_LIMIT_BODY,
    CHECK_SET_HANDLER,
    CHECK_REQUIRE_SSL,
    CHECK_RESPONDER, /* where a CA is set */
    CHECK_WANTED
};

/* The methods of OCSP. Pages are read by the first. */
#define CHECK_METHODS 2
#define CHECK_GET     0

/* What holds for all URLs of a server, or for those of a <Location>. */
typedef struct {
    const ap_directive_t *section; /* the <Location>; NULL: the server */
    const ap_directive_t *host;    /* the <VirtualHost> around it; NULL: the
                                    * main server */
    const ap_directive_t
        *found[CHECK_WANTED];         /* the first of each; NULL: none */
    check_said_t said[CHECK_METHODS]; /* whom it lets in */
    const char *path;                 /* "" for a server */
    const ap_regex_t *pattern; /* of a <LocationMatch>; NULL: path counts */
    const ap_directive_t *condition; /* the <If>, <ElseIf> or <Else> in it that
                                      * says all this; NULL: itself does */
    int order;                       /* in which it was found */
} check_place_t;

/* All places, in pool: the later, the more its lines count. */
const apr_array_header_t *check_places(apr_pool_t *pool);

/* Pointers to those that have a directive. CHECK_WANTED: one of access. */
const apr_array_header_t *check_places_having(const apr_array_header_t *places,
                                              int directive);

/* Whether what stands in outer holds for inner, too. */
int check_place_is_around(const check_place_t *outer,
                          const check_place_t *inner);

/* Whether a place holds for inner in a host. Which conditions are true is not
 * known: of <If>s outer counts, which may be NULL, and those of inner's own. */
int check_place_counts(const check_place_t *place, const check_place_t *outer,
                       const check_place_t *inner, const ap_directive_t *host);

/* Of the places that have a directive, the one by which httpd goes at inner, as
 * above; NULL: there is none. */
const check_place_t *check_place_last(const apr_array_header_t *having,
                                      const check_place_t *outer,
                                      const check_place_t *inner,
                                      const ap_directive_t *host);

/* Whom all places that count let in to inner by a method, as above. having:
 * those that say it. */
check_rule_t check_place_lets_in(const apr_array_header_t *having,
                                 const check_place_t *outer,
                                 const check_place_t *inner,
                                 const ap_directive_t *host, unsigned method);

#endif
