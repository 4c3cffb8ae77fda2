/* SPDX-License-Identifier: Apache-2.0 */
#include "base/waiting.h"

void waiting_init(waiting_t *waiting)
{
    APR_RING_INIT(&waiting->waiters, waiter_t, link);
    waiting->count = 0;
}

int waiting_join(waiting_t *waiting, waiter_t *waiter, apr_pool_t *pool)
{
    if (apr_thread_cond_create(&waiter->woken, pool)) {
        waiter->woken = NULL;
        return 0;
    }
    APR_RING_INSERT_TAIL(&waiting->waiters, waiter, waiter_t, link);
    waiting->count++;
    return 1;
}

void waiting_leave(waiting_t *waiting, waiter_t *waiter)
{
    if (!waiter->woken)
        return;
    APR_RING_REMOVE(waiter, link);
    waiting->count--;
    waiter->woken = NULL;
}

void waiting_sleep(waiter_t *waiter, apr_thread_mutex_t *mutex,
                   apr_interval_time_t patience)
{
    apr_thread_cond_timedwait(waiter->woken, mutex, patience);
}

void waiting_grant(waiting_t *waiting, void *thing)
{
    waiter_t *first = APR_RING_FIRST(&waiting->waiters);
    apr_thread_cond_t *woken = first->woken;

    waiting_leave(waiting, first);
    first->granted = thing;
    apr_thread_cond_signal(woken);
}

void waiting_wake(waiting_t *waiting)
{
    waiter_t *each;

    APR_RING_FOREACH(each, &waiting->waiters, waiter_t, link)
    {
        apr_thread_cond_signal(each->woken);
    }
}
