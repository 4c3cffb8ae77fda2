/* SPDX-License-Identifier: Apache-2.0
 * Who waits for one of a few things that all use in turn: whoever has waited
 * longest gets the next that becomes free. Where whoever comes next may take
 * it, some wait many times as long as others. All is called with a mutex of the
 * caller's held. */
#ifndef RESPONDER_WAITING_H
#define RESPONDER_WAITING_H

#include <pthread.h>

#include "apr_ring.h"
#include "apr_time.h"

/* A thread, on its own stack. Begins as zeros. */
typedef struct waiter_t {
    APR_RING_ENTRY(waiter_t) link;
    pthread_cond_t woken;
    int is_waiting;
    void *granted; /* NULL: nothing yet */
} waiter_t;

APR_RING_HEAD(waiters_t, waiter_t);

typedef struct {
    struct waiters_t waiters; /* who came first is first */
    int count;
} waiting_t;

void waiting_init(waiting_t *waiting);

/* Puts one behind all others. */
void waiting_join(waiting_t *waiting, waiter_t *waiter);

/* Takes one out, if it is still there. */
void waiting_leave(waiting_t *waiting, waiter_t *waiter);

/* Has one that has joined sleep until it is granted something or is to look
 * again, until an instant at most; meanwhile the mutex is free. */
void waiting_sleep(waiter_t *waiter, pthread_mutex_t *mutex, apr_time_t until);

/* Grants thing to the first of at least one, which leaves by that. */
void waiting_grant(waiting_t *waiting, void *thing);

/* Has all look again. */
void waiting_wake(waiting_t *waiting);

#endif
