/* SPDX-License-Identifier: Apache-2.0 */
#include "db/breaker.h"

#include "apr_strings.h"
#include "apr_thread_mutex.h"

#include "base/deadline.h"

#define CAUSE_MAX 400 /* bytes */

/* All guarded by mutex. */
struct breaker_t {
    apr_thread_mutex_t *mutex;
    apr_interval_time_t rest;
    breaker_state_t state;
    apr_time_t opened_at;
    apr_time_t failed_at;
    unsigned generation; /* how often it closed */
    char cause[CAUSE_MAX];
};

breaker_t *breaker_create(apr_pool_t *pool, apr_interval_time_t rest)
{
    breaker_t *breaker = apr_pcalloc(pool, sizeof(*breaker));

    breaker->rest = rest;
    breaker->state = BREAKER_CLOSED;
    return apr_thread_mutex_create(&breaker->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool)
            == APR_SUCCESS
        ? breaker
        : NULL;
}

breaker_pass_t breaker_enter(breaker_t *breaker, apr_time_t now)
{
    breaker_pass_t pass = { 0 };

    apr_thread_mutex_lock(breaker->mutex);
    pass.generation = breaker->generation;
    if (breaker->state == BREAKER_CLOSED)
        pass.may_enter = 1;
    else if (breaker->state == BREAKER_OPEN
             && !deadline_is_recent(breaker->opened_at, breaker->rest, now)) {
        breaker->state = BREAKER_HALF_OPEN;
        pass.may_enter = pass.is_trial = 1;
    }
    apr_thread_mutex_unlock(breaker->mutex);
    return pass;
}

/* Called with the mutex held. */
static void open_breaker(breaker_t *breaker, apr_time_t now)
{
    breaker->state = BREAKER_OPEN;
    breaker->opened_at = now;
}

void breaker_succeed(breaker_t *breaker, breaker_pass_t pass)
{
    if (pass.is_trial)
        breaker_encourage(breaker);
}

void breaker_fail(breaker_t *breaker, breaker_pass_t pass, const char *cause,
                  apr_time_t now)
{
    apr_thread_mutex_lock(breaker->mutex);
    if (pass.generation == breaker->generation) {
        apr_cpystrn(breaker->cause, cause, CAUSE_MAX);
        breaker->failed_at = now;
        /* While one is out to try, only that one's word counts. */
        if (pass.is_trial || breaker->state != BREAKER_HALF_OPEN)
            open_breaker(breaker, now);
    }
    apr_thread_mutex_unlock(breaker->mutex);
}

void breaker_withdraw(breaker_t *breaker, breaker_pass_t pass, apr_time_t now)
{
    if (!pass.is_trial)
        return;
    apr_thread_mutex_lock(breaker->mutex);
    if (pass.generation == breaker->generation)
        open_breaker(breaker, now);
    apr_thread_mutex_unlock(breaker->mutex);
}

void breaker_encourage(breaker_t *breaker)
{
    apr_thread_mutex_lock(breaker->mutex);
    if (breaker->state != BREAKER_CLOSED) {
        breaker->state = BREAKER_CLOSED;
        breaker->generation++;
    }
    apr_thread_mutex_unlock(breaker->mutex);
}

breaker_view_t breaker_read(breaker_t *breaker, apr_pool_t *pool)
{
    breaker_view_t view;

    apr_thread_mutex_lock(breaker->mutex);
    view.state = breaker->state;
    view.failed_at = breaker->failed_at;
    view.cause = breaker->failed_at ? apr_pstrdup(pool, breaker->cause) : NULL;
    apr_thread_mutex_unlock(breaker->mutex);
    return view;
}

const char *breaker_state_name(breaker_state_t state)
{
    switch (state) {
    case BREAKER_CLOSED:
        return "closed";
    case BREAKER_HALF_OPEN:
        return "half-open";
    default:
        return "open";
    }
}
