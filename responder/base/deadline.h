/* SPDX-License-Identifier: Apache-2.0
 * Waiting that ends at a deadline, an instant of the wall clock, though that
 * may be set meanwhile. APR's conditions wait for such an instant themselves:
 * who waits when the clock is set back by an hour waits for an hour. */
#ifndef RESPONDER_DEADLINE_H
#define RESPONDER_DEADLINE_H

#include <pthread.h>

#include "apr_time.h"

/* The time by a clock that nobody sets, for instants that are compared with
 * each other only: on this machine, in whatever process, while it is up. */
apr_time_t deadline_steady_now(void);

/* How much time is left, in microseconds; 0 or less: none, also where more is
 * left than anything may take, as the clock has been set back then. */
apr_interval_time_t deadline_left(apr_time_t deadline);

/* Whether `at` is less than limit ago. An instant that is ahead is not, as the
 * clock has been set back then: nothing rests until it comes again. */
static inline int deadline_is_recent(apr_time_t at, apr_interval_time_t limit,
                                     apr_time_t now)
{
    return at <= now && now - at < limit;
}

/* Makes a condition for deadline_wait. It allocates nothing. */
void deadline_init_condition(pthread_cond_t *condition);

/* Waits for a signal, with the mutex held before and after. It may return
 * without one, as pthread_cond_wait may. 0 when there is no time left. */
int deadline_wait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                  apr_time_t deadline);

#endif
