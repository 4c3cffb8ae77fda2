/* SPDX-License-Identifier: Apache-2.0
 * breaker.h: who may go, and when, by one thread and by many. */
#include <string.h>
#include <apr_atomic.h>
#include <apr_general.h>
#include <apr_thread_proc.h>
#include "db/breaker.h"
#include "tap.h"

#define REST apr_time_from_msec(500)

static apr_pool_t *pool;

static const char *state_of(breaker_t *breaker)
{
    return breaker_state_name(breaker_read(breaker, pool).state);
}

static void test_one(void)
{
    breaker_t *breaker = breaker_create(pool, REST);
    breaker_pass_t pass = breaker_enter(breaker, 1000), late, trial;
    breaker_view_t view;

    ok(pass.may_enter && !pass.is_trial, "at first all may go");
    is(state_of(breaker), "closed", "  which is called so");
    ok(!breaker_read(breaker, pool).cause, "  nothing has failed");
    late = breaker_enter(breaker, 1000);
    breaker_fail(breaker, pass, "it hangs", 2000);
    is(state_of(breaker), "open", "one has failed");
    view = breaker_read(breaker, pool);
    is(view.cause, "it hangs", "  why");
    ok(view.failed_at == 2000, "  and when");
    ok(!breaker_enter(breaker, 2000 + REST - 1).may_enter,
       "nobody may go while it rests");
    trial = breaker_enter(breaker, 2000 + REST);
    ok(trial.may_enter && trial.is_trial, "then one may try");
    is(state_of(breaker), "half-open", "  which is called so");
    ok(!breaker_enter(breaker, 2001 + REST).may_enter, "  and nobody else");
    breaker_fail(breaker, late, "it hung", 2002 + REST);
    is(state_of(breaker), "half-open", "who comes late does not end a trial");
    breaker_succeed(breaker, trial);
    is(state_of(breaker), "closed", "it worked");
    is(breaker_read(breaker, pool).cause, "it hung", "  the cause is kept");
    breaker_fail(breaker, late, "it hung", 3001 + REST);
    is(state_of(breaker), "closed", "what went in before tells nothing new");
}

static void test_trials(void)
{
    breaker_t *breaker = breaker_create(pool, REST);
    breaker_pass_t trial;

    breaker_fail(breaker, breaker_enter(breaker, 0), "one", 0);
    trial = breaker_enter(breaker, REST);
    breaker_fail(breaker, trial, "two", REST + 10);
    is(state_of(breaker), "open", "a trial that fails");
    ok(!breaker_enter(breaker, 2 * REST).may_enter, "  begins a rest anew");
    trial = breaker_enter(breaker, 2 * REST + 10);
    breaker_withdraw(breaker, trial, 2 * REST + 20);
    is(state_of(breaker), "open", "a trial that was none");
    breaker_encourage(breaker);
    is(state_of(breaker), "closed", "a good sign closes it");
    breaker_fail(breaker, trial, "late", 2 * REST + 21);
    breaker_withdraw(breaker, trial, 2 * REST + 21);
    is(state_of(breaker), "closed", "  whatever is told of the time before");
    trial = breaker_enter(breaker, 2 * REST + 22);
    breaker_encourage(breaker);
    breaker_fail(breaker, trial, "it hangs", 2 * REST + 23);
    is(state_of(breaker), "open", "one while it is closed changes nothing");
    breaker = breaker_create(pool, REST);
    breaker_fail(breaker, breaker_enter(breaker, 0), "x", 10 * REST);
    ok(breaker_enter(breaker, REST).is_trial,
       "a clock that was set back makes no rest longer");
}

/* -- many threads ---------------------------------------------------------- */

#define THREADS 8
#define ROUNDS  2000

static breaker_t *shared;
static volatile apr_uint32_t trying, at_once, trials;

/* Fails every other time, and rests for no time. */
static void *APR_THREAD_FUNC go_through(apr_thread_t *thread, void *data)
{
    int i;

    (void)thread;
    (void)data;
    for (i = 0; i < ROUNDS; i++) {
        breaker_pass_t pass = breaker_enter(shared, i);

        if (!pass.may_enter) {
            apr_thread_yield();
            continue;
        }
        if (pass.is_trial) {
            apr_atomic_inc32(&trials);
            if (apr_atomic_inc32(&trying) > 0)
                apr_atomic_inc32(&at_once);
            apr_thread_yield();
            apr_atomic_dec32(&trying);
        }
        if (i % 2)
            breaker_succeed(shared, pass);
        else
            breaker_fail(shared, pass, "every other time", i);
    }
    return NULL;
}

static void test_many(void)
{
    apr_thread_t *threads[THREADS];
    apr_status_t status;
    int i;

    shared = breaker_create(pool, 0);
    for (i = 0; i < THREADS; i++)
        apr_thread_create(&threads[i], NULL, go_through, NULL, pool);
    for (i = 0; i < THREADS; i++)
        apr_thread_join(&status, threads[i]);
    ok(trials > 0, "many threads: %u trials", trials);
    ok(at_once == 0, "  one at a time");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_one();
    test_trials();
    test_many();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
