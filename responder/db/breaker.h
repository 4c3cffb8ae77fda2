/* SPDX-License-Identifier: Apache-2.0
 * A circuit breaker: refuses at once what is known not to work, and lets one
 * caller at a time find out whether it works again. Knows nothing of what is
 * behind it. Used by many threads. */
#ifndef RESPONDER_BREAKER_H
#define RESPONDER_BREAKER_H

#include "apr_pools.h"
#include "apr_time.h"

typedef struct breaker_t breaker_t;

typedef enum {
    BREAKER_OPEN = 0,  /* nobody may go: the last one failed a moment ago */
    BREAKER_HALF_OPEN, /* one is out to try */
    BREAKER_CLOSED     /* all may go */
} breaker_state_t;

/* What a caller got at the entrance; handed in when it leaves. */
typedef struct {
    int may_enter; /* 0: refused, and there is no leaving */
    int is_trial;  /* it alone is to find out: it should not wait for long */
    unsigned generation;
} breaker_pass_t;

/* What a breaker shows. */
typedef struct {
    breaker_state_t state;
    const char *cause;    /* of the last failure; NULL if there was none */
    apr_time_t failed_at; /* when that was; 0 if there was none */
} breaker_view_t;

/* One that is closed, and stays open for `rest` after a failure. Lives as long
 * as pool; NULL if out of resources. */
breaker_t *breaker_create(apr_pool_t *pool, apr_interval_time_t rest);

/* Asks to go through. */
breaker_pass_t breaker_enter(breaker_t *breaker, apr_time_t now);

/* Tells that it worked. Only a trial can close a breaker by that. */
void breaker_succeed(breaker_t *breaker, breaker_pass_t pass);

/* Tells that it failed, and why in words, which are copied. One that went in
 * before the breaker closed for the last time tells nothing new. */
void breaker_fail(breaker_t *breaker, breaker_pass_t pass, const char *cause,
                  apr_time_t now);

/* Tells that the caller did not come to try. */
void breaker_withdraw(breaker_t *breaker, breaker_pass_t pass, apr_time_t now);

/* Closes it, if it is not closed: there is a sign that it works again. */
void breaker_encourage(breaker_t *breaker);

/* What it shows; the cause is in pool. */
breaker_view_t breaker_read(breaker_t *breaker, apr_pool_t *pool);

/* "closed", "open" or "half-open". Static. */
const char *breaker_state_name(breaker_state_t state);

#endif
