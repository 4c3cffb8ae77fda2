/* SPDX-License-Identifier: Apache-2.0
 * So many threads may use something at a time; others wait for a place, in the
 * order in which they came. All is called with a mutex of the caller's held. */
#ifndef RESPONDER_PLACES_H
#define RESPONDER_PLACES_H

#include "base/waiting.h"

typedef struct {
    waiting_t waiting; /* while anybody does, all are taken */
    int limit;
    int taken;
    apr_time_t moved_at; /* when one was last taken or left */
} places_t;

void places_init(places_t *places, int limit);

/* Takes a place for work that is to be done by deadline; with the mutex free
 * while it waits, as long as there is enough time left. If no place is taken or
 * left for as long as stall, who has them may be stuck, and who waits gives up.
 * Returns 0 for none. */
int places_take(places_t *places, pthread_mutex_t *mutex, apr_time_t deadline,
                apr_interval_time_t stall);

void places_leave(places_t *places);

#endif
