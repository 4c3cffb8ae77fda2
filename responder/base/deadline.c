/* SPDX-License-Identifier: Apache-2.0 */
#include "base/deadline.h"

#include <errno.h>
#include <time.h>

#include "base/intervals.h"

apr_time_t deadline_steady_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return apr_time_from_sec(now.tv_sec) + now.tv_nsec / 1000;
}

apr_interval_time_t deadline_left(apr_time_t deadline)
{
    apr_interval_time_t left = deadline - apr_time_now();

    return left > INTERVALS_LONGEST ? 0 : left;
}

void deadline_init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* After a wait that ended too early. Where libfaketime makes the clocks, all
 * waits by this one do. */
static void sleep_a_little(pthread_mutex_t *mutex)
{
    pthread_mutex_unlock(mutex);
    apr_sleep(INTERVALS_DEADLINE_POLL);
    pthread_mutex_lock(mutex);
}

int deadline_wait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                  apr_time_t deadline)
{
    const apr_interval_time_t left = deadline_left(deadline);
    const apr_time_t end = deadline_steady_now() + left;
    const struct timespec until = { .tv_sec = (time_t)apr_time_sec(end),
                                    .tv_nsec =
                                        (long)apr_time_usec(end) * 1000 };

    if (left <= 0)
        return 0;
    if (pthread_cond_timedwait(condition, mutex, &until) == ETIMEDOUT) {
        if (deadline_steady_now() >= end)
            return 0;
        sleep_a_little(mutex);
    }
    return 1;
}
