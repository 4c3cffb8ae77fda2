/* SPDX-License-Identifier: Apache-2.0 */
#include "base/waiting.h"

#include "base/deadline.h"

void waiting_init(waiting_t *waiting)
{
    APR_RING_INIT(&waiting->waiters, waiter_t, link);
    waiting->count = 0;
}

void waiting_join(waiting_t *waiting, waiter_t *waiter)
{
    deadline_init_condition(&waiter->woken);
    waiter->is_waiting = 1;
    APR_RING_INSERT_TAIL(&waiting->waiters, waiter, waiter_t, link);
    waiting->count++;
}

void waiting_leave(waiting_t *waiting, waiter_t *waiter)
{
    if (!waiter->is_waiting)
        return;
    APR_RING_REMOVE(waiter, link);
    waiting->count--;
    waiter->is_waiting = 0;
}

void waiting_sleep(waiter_t *waiter, pthread_mutex_t *mutex, apr_time_t until)
{
    deadline_wait(&waiter->woken, mutex, until);
}

void waiting_grant(waiting_t *waiting, void *thing)
{
    waiter_t *first = APR_RING_FIRST(&waiting->waiters);

    waiting_leave(waiting, first);
    first->granted = thing;
    pthread_cond_signal(&first->woken);
}

void waiting_wake(waiting_t *waiting)
{
    waiter_t *each;

    APR_RING_FOREACH(each, &waiting->waiters, waiter_t, link)
    {
        pthread_cond_signal(&each->woken);
    }
}
