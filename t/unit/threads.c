/* SPDX-License-Identifier: Apache-2.0
 * What many threads share: snapshot.h, breaker.h, executor.h, watched_file.h
 * and log_limit.h, by as many threads as there is time for. make tsan has
 * ThreadSanitizer watch it. */
#include <stdio.h>
#include <unistd.h>
#include <apr_atomic.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include "base/log_limit.h"
#include "base/snapshot.h"
#include "base/watched_file.h"
#include "db/breaker.h"
#include "db/executor.h"
#include "tap.h"

#define THREADS 4
#define TIMES   400
#define MANY    (10 * TIMES)

/* An executor lives as long as its process, and so do its pools. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static apr_pool_t *pool;
static volatile apr_uint32_t wrong, counted;

static void expect(int holds)
{
    if (!holds)
        apr_atomic_inc32(&wrong);
}

/* What one thread does; number says which it is, and pool is its own. */
typedef struct {
    void (*act)(int number, apr_pool_t *pool);
    int number;
} part_t;

static void *APR_THREAD_FUNC run_part(apr_thread_t *thread, void *data)
{
    const part_t *part = data;
    apr_pool_t *own;

    (void)thread;
    apr_pool_create_unmanaged_ex(&own, NULL, NULL);
    part->act(part->number, own);
    apr_pool_destroy(own);
    return NULL;
}

/* Has all threads do it at once; nothing unexpected may be seen. */
static void together(const char *name, void (*act)(int, apr_pool_t *))
{
    apr_thread_t *threads[THREADS];
    part_t parts[THREADS];
    apr_status_t result;
    int i;

    wrong = counted = 0;
    for (i = 0; i < THREADS; i++) {
        parts[i] = (part_t){ act, i };
        apr_thread_create(&threads[i], NULL, run_part, &parts[i], pool);
    }
    for (i = 0; i < THREADS; i++)
        apr_thread_join(&result, threads[i]);
    ok(!wrong, "%s: %u are as they should be, %u not", name,
       (unsigned)apr_atomic_read32(&counted), (unsigned)wrong);
}

/* -- snapshots ------------------------------------------------------------- */

typedef struct {
    int one, other; /* always the same */
} twins_t;

static snapshot_t *place;

static void replace(int number)
{
    apr_pool_t *own = snapshot_pool();
    twins_t *twins = apr_palloc(own, sizeof(*twins));

    twins->one = twins->other = number;
    snapshot_replace(place, twins, own);
}

static void use_snapshot(int number, apr_pool_t *own)
{
    int i, last = 0;

    for (i = 1; i <= MANY; i++) {
        const twins_t *twins;

        if (number == 0) {
            replace(i);
            continue;
        }
        twins = snapshot_read(place, own);
        expect(twins && twins->one == twins->other && twins->one >= last);
        last = twins ? twins->one : 0;
        apr_atomic_inc32(&counted);
        if (i % 7 == 0)
            apr_pool_clear(own);
    }
}

/* -- breakers -------------------------------------------------------------- */

static breaker_t *breaker;
/* By how often it closed before: no more than each is asked. */
static volatile apr_uint32_t trials[THREADS * MANY + 1];

static void leave(breaker_pass_t pass, int i, apr_time_t now)
{
    if (i % 3 == 0)
        breaker_fail(breaker, pass, "a cause of some length", now);
    else if (i % 3 == 1 || !pass.is_trial)
        breaker_succeed(breaker, pass);
    else
        breaker_withdraw(breaker, pass, now);
}

static void use_breaker(int number, apr_pool_t *own)
{
    int i;

    for (i = 0; i < MANY; i++) {
        const apr_time_t now = 1000 * (i + 1);
        breaker_pass_t pass = breaker_enter(breaker, now);
        breaker_view_t view = breaker_read(breaker, own);

        expect(!view.cause
               || strcmp(view.cause, "a cause of some length") == 0);
        if (pass.is_trial)
            expect(apr_atomic_inc32(&trials[pass.generation]) == 0);
        if (pass.may_enter)
            apr_atomic_inc32(&counted);
        if (pass.is_trial)
            apr_atomic_dec32(&trials[pass.generation]);
        if (pass.may_enter)
            leave(pass, i + number, now);
        else if (i % 5 == 0)
            breaker_encourage(breaker);
        apr_pool_clear(own);
    }
}

/* -- executors ------------------------------------------------------------- */

static executor_t *executor;

static void double_it(void *data)
{
    twins_t *job = data;

    if (job->one % 50 == 0)
        apr_sleep(2000);
    job->other = 2 * job->one;
}

static void use_executor(int number, apr_pool_t *unused)
{
    int i;

    (void)unused;
    for (i = 1; i <= TIMES; i++) {
        apr_pool_t *own = snapshot_pool();
        twins_t *job = apr_pcalloc(own, sizeof(*job));
        apr_interval_time_t patience = i % 50 ? apr_time_from_sec(20) : 500;

        job->one = number * TIMES + i;
        if (executor_run(executor, double_it, job, own,
                         apr_time_now() + patience)
            != EXECUTOR_DONE)
            continue;
        expect(job->other == 2 * job->one);
        apr_pool_destroy(own);
        apr_atomic_inc32(&counted);
    }
}

/* -- files that change ----------------------------------------------------- */

static watched_file_t *file;
static const char *path;

/* The same number twice. */
static void parse_twins(apr_pool_t *own, bytes_t bytes,
                        watched_file_content_t *content)
{
    twins_t *twins = apr_palloc(own, sizeof(*twins));
    const char *text = apr_pstrmemdup(own, (const char *)bytes.data, bytes.len);

    if (sscanf(text, "%d %d", &twins->one, &twins->other) == 2)
        content->value = twins;
    content->why = content->value ? NULL : "it is no pair";
    content->is_whole = 1;
}

static void write_twins(int number, apr_pool_t *own)
{
    const char *next = apr_pstrcat(own, path, ".next", NULL);
    apr_file_t *out;

    apr_file_open(&out, next, APR_WRITE | APR_CREATE | APR_TRUNCATE,
                  APR_OS_DEFAULT, own);
    apr_file_printf(out, "%d %d\n", number, number);
    apr_file_close(out);
    apr_file_rename(next, path, own);
}

/* The first thread's clock says when a file is old enough to be read. */
static void use_file(int number, apr_pool_t *own)
{
    apr_time_t now = apr_time_now();
    int i;

    for (i = 1; i <= TIMES; i++) {
        const char *why = NULL;
        const twins_t *twins;

        if (number == 0) {
            write_twins(i, own);
            watched_file_look(file, now + apr_time_from_sec(i % 10));
            watched_file_look(file, now + apr_time_from_sec(i % 10 + 1));
        }
        twins = watched_file_read(file, own, now, &why);
        expect(twins ? twins->one == twins->other : why != NULL);
        watched_file_is_current(file, now, &why);
        apr_atomic_inc32(&counted);
        apr_pool_clear(own);
    }
}

/* -- limits of the log ----------------------------------------------------- */

static void use_limit(int number, apr_pool_t *own)
{
    int i;

    for (i = 0; i < TIMES; i++)
        if (log_limit_allows("OCSP0999", "server",
                             apr_psprintf(own, "%d %d", number, i),
                             apr_time_from_sec(1000)))
            apr_atomic_inc32(&counted);
}

int main(void)
{
    const char *folder;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    place = snapshot_create(pool);
    replace(0);
    together("snapshots", use_snapshot);
    breaker = breaker_create(pool, 2000);
    together("breakers", use_breaker);
    executor = executor_create(THREADS - 1);
    together("executors", use_executor);
    ok(executor_close(executor, apr_time_now() + apr_time_from_sec(20)),
       "and nothing is left to do");
    apr_temp_dir_get(&folder, pool);
    path = apr_psprintf(pool, "%s/threads-%d", folder, (int)getpid());
    write_twins(0, pool);
    file = watched_file_create(pool, path, NULL, parse_twins);
    is(watched_file_load(file, apr_time_now()), NULL, "a file is read");
    together("files", use_file);
    apr_file_remove(path, pool);
    together("limits of the log", use_limit);
    ok(counted >= 1 && counted <= 5, "five lines a minute, not %u",
       (unsigned)counted);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
