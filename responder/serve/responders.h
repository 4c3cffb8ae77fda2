/* SPDX-License-Identifier: Apache-2.0
 * The responders of this server and whom each answers for. What keys and
 * certificates the configuration names are loaded by the parent process, the
 * rest by each child when it is first asked; and what changes is noticed. */
#ifndef RESPONDER_RESPONDERS_H
#define RESPONDER_RESPONDERS_H

#include "serve/exchange.h"
#include "serve/responder.h"

/* Begins with no responders, in pool; the old ones are forgotten. 0 without
 * memory. */
int responders_begin(apr_pool_t *pool);

/* Adds a responder for the settings of a section, unless there is one already:
 * what says the same of the same source is one, whatever the server. Not after
 * child processes are made. */
void responders_add(const responder_parts_t *parts);

/* The responder of a section's settings, as a request has them; NULL: they come
 * together only in this request. */
responder_t *responders_of(request_rec *r, const config_t *config);

/* Prepares this child process; pool lives as long as it. */
void responders_child_init(apr_pool_t *pool);

typedef enum {
    RESPONDERS_BROKEN = 0,  /* settings or CAs that do not go together */
    RESPONDERS_UNAVAILABLE, /* the source does not answer */
    RESPONDERS_OTHER,       /* not a CA that this location answers for */
    RESPONDERS_FOUND
} responders_result_t;

/* Finds the source and the authorities that every CertID of a request names,
 * and fills them in: one, or several with the same name and key, good until the
 * request is done. On any other result than FOUND *why is in its pool. */
responders_result_t responders_find(exchange_t *exchange, const char **why);

/* Finds the authorities again where none of them knows a serial that another CA
 * does, as that may have been renewed since with their name and key. found has
 * what is known of each CertID; NULL: one of them fails, as it may be gone.
 * FOUND when they are others than before, which are filled in; OTHER when not,
 * and all such CAs are known to be none of them. Else as above. */
responders_result_t responders_find_renewed(
    exchange_t *exchange, const ocsp_responder_status_t *found,
    const char **why);

/* Has the CAs of a request's responder listed anew, as no status can be found.
 */
void responders_doubt(const exchange_t *exchange);

/* Is shown one responder. */
typedef void (*responders_visit_t)(void *context, request_rec *r,
                                   responder_t *responder);

/* Shows each responder of this child process, in no order. */
void responders_each(request_rec *r, responders_visit_t visit, void *context);

#endif
