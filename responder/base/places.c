/* SPDX-License-Identifier: Apache-2.0 */
#include "base/places.h"

#include "base/deadline.h"
#include "base/intervals.h"

void places_init(places_t *places, int limit)
{
    waiting_init(&places->waiting);
    places->limit = limit;
    places->taken = 0;
    places->moved_at = 0;
}

/* Until it is granted one. */
static int places_wait(places_t *places, pthread_mutex_t *mutex,
                       waiter_t *waiter, apr_time_t deadline,
                       apr_interval_time_t stall)
{
    while (!waiter->granted) {
        apr_time_t until = places->moved_at + stall;

        if (until > deadline)
            until = deadline;
        if (deadline_left(until) <= 0)
            return 0;
        waiting_sleep(waiter, mutex, until);
    }
    return 1;
}

int places_take(places_t *places, pthread_mutex_t *mutex, apr_time_t deadline,
                apr_interval_time_t stall)
{
    waiter_t waiter = { .granted = NULL };
    int took = places->taken < places->limit;

    if (took)
        places->taken++;
    else {
        waiting_join(&places->waiting, &waiter);
        took = places_wait(places, mutex, &waiter,
                           INTERVALS_BEGIN_BY(apr_time_now(), deadline), stall);
        waiting_leave(&places->waiting, &waiter);
    }
    if (took)
        places->moved_at = apr_time_now();
    return took;
}

void places_leave(places_t *places)
{
    places->moved_at = apr_time_now();
    if (places->waiting.count)
        waiting_grant(&places->waiting, places);
    else
        places->taken--;
}
