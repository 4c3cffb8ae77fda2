/* SPDX-License-Identifier: Apache-2.0
 * Work that threads of its own do, again and again: serve/task.h. */
#include <sys/stat.h>
#include <apr_atomic.h>
#include <apr_general.h>
#include <apr_time.h>
#include "serve/task.h"
#include "mapped.h"
#include "no_threads.h"
#include "tap.h"

#define MANY 20000

static volatile apr_uint32_t done, may_go;

static void count(void *data)
{
    apr_atomic_inc32(data);
}

static void hang(void *data)
{
    while (!apr_atomic_read32(data))
        apr_sleep(1000);
}

/* On a busy machine a thread may come late enough to seem to hang. */
static void do_it(task_t *task)
{
    const char *why;

    while (!task_wait(task, apr_time_now() + apr_time_from_sec(20), &why))
        ;
}

static void wait_for(int count)
{
    while (apr_atomic_read32(&done) < (apr_uint32_t)count)
        apr_sleep(1000);
}

/* ThreadSanitizer begins a thread of its own with the first of ours. */
#ifdef __SANITIZE_THREAD__
#define MORE_THREADS 1
#else
#define MORE_THREADS 0
#endif

/* The links that the folder of this process's threads has. */
static unsigned long thread_links(void)
{
    struct stat threads;

    return stat("/proc/self/task", &threads) == 0 ? threads.st_nlink : 0;
}

/* Threads that have nothing more to do may still be there on a busy machine,
 * and the end of the pool waits for them no longer than a server may. An
 * emulator has threads, too, which were there before ours. */
static void wait_for_links(unsigned long links)
{
    while (thread_links() > links)
        apr_sleep(1000);
}

/* On a busy machine a thread may begin before another has ended, and glibc
 * keeps the stacks of all that there were at a time. */
static void make_stacks_small(void)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 1 << 17);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
}

/* A thread is made for each time. */
static void test_memory(task_t *task)
{
    long before, more;
    int i;

    if (mapped())
        make_stacks_small();
    for (i = 0; i < MANY / 4; i++)
        do_it(task);
    before = mapped();
    for (i = 0; i < MANY; i++)
        do_it(task);
    more = mapped() - before;
    ok(apr_atomic_read32(&done) >= MANY / 4 + MANY,
       "it is done as often as it is waited for");
    if (before)
        ok(more < MANY * 50L, "and leaves no memory behind (%ld bytes)", more);
}

/* More pieces of work than threads. */
static void test_queue(apr_pool_t *pool, task_threads_t *threads)
{
    task_t *hanging[4], *waiting[3];
    const char *why;
    int i;

    apr_atomic_set32(&done, 0);
    for (i = 0; i < 4; i++) {
        hanging[i] = task_create(pool, threads, hang, (void *)&may_go);
        task_start(hanging[i]);
    }
    for (i = 0; i < 3; i++) {
        waiting[i] = task_create(pool, threads, count, (void *)&done);
        task_start(waiting[i]);
    }
    ok(!task_wait(waiting[0], apr_time_now() + apr_time_from_msec(50), &why),
       "what waits for a thread is not waited for longer than told");
    is(why, "in time", "and that is said");
    ok(!apr_atomic_read32(&done), "it waits for one of four");
    apr_atomic_set32(&may_go, 1);
    wait_for(3);
    ok(apr_atomic_read32(&done) == 3, "each of three is done then, once");
}

/* Whoever waits is not kept waiting. */
static void test_no_threads(apr_pool_t *pool)
{
    task_t *task =
        task_create(pool, task_threads_create(pool), count, (void *)&done);
    const apr_time_t before = apr_time_now();
    const char *why;

    no_threads = 1;
    ok(!task_wait(task, before + apr_time_from_sec(600), &why),
       "where no thread can be made nothing is done");
    is(why, "as no thread can be made (ulimit -u, or systemd's TasksMax)",
       "nor is it waited for, and that is said");
    no_threads = 0;
    do_it(task);
}

int main(void)
{
    apr_pool_t *pool;
    task_threads_t *threads;
    task_t *task;
    const unsigned long alone = thread_links();

    apr_initialize();
    apr_pool_create(&pool, NULL);
    task_child_init(pool);
    threads = task_threads_create(pool);
    task = task_create(pool, threads, count, (void *)&done);
    do_it(task);
    ok(apr_atomic_read32(&done) > 0, "work is done");
    test_memory(task);
    test_no_threads(pool);
    test_queue(pool, threads);
    wait_for_links(alone + MORE_THREADS);
    apr_pool_destroy(pool);
    ok(1, "the process ends with its threads");
    return done_testing();
}
