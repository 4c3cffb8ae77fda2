/* SPDX-License-Identifier: Apache-2.0
 * log_limit.h: how often a fault is told. */
#include "base/log_limit.h"

#include <pthread.h>
#include <stdlib.h>

#include "tap.h"

#define START apr_time_from_sec(1700000000)

/* How many of so many subjects of an id may be written at a second. */
static int count(const char *id, int subjects, int second)
{
    char subject[16];
    int i, allowed = 0;

    for (i = 0; i < subjects; i++) {
        snprintf(subject, sizeof(subject), "%d", i);
        allowed += log_limit_allows(id, "server", subject,
                                    START + apr_time_from_sec(second));
    }
    return allowed;
}

/* What the lines are counted in; once more, all zero. */
static void begin(void)
{
    static void *memory;

    free(memory);
    memory = calloc(1, log_limit_size);
    log_limit_use(memory);
}

static void test_subject(void)
{
    begin();
    ok(count("OCSP0301", 1, 0) == 1, "the first is written");
    ok(count("OCSP0301", 1, 0) == 0, "the second is not");
    ok(count("OCSP0301", 1, 59) == 0, "nor after 59 seconds");
    ok(count("OCSP0302", 1, 59) == 1, "another id is");
    ok(log_limit_allows("OCSP0301", "other", "0",
                        START + apr_time_from_sec(59)),
       "and another server");
    ok(count("OCSP0301", 1, 60) == 1, "a minute later it is written again");
    ok(count("OCSP0301", 1, -86400) == 1, "a clock that goes back writes");
}

static void test_id(void)
{
    int second, last = 0, total = 0;

    begin();
    ok(count("OCSP0301", 1000, 0) == 5, "of many subjects five are written");
    ok(count("OCSP0301", 1000, 1) == 0, "and no more in the same minute");
    ok(count("OCSP0302", 1000, 1) == 5, "those of another id are its own");
    for (second = 2; second < 600; second++) {
        int allowed = count("OCSP0301", 50, second);

        total += allowed;
        if (allowed && last && second - last < 12 && allowed > 5)
            break;
        last = allowed ? second : last;
    }
    ok(second == 600 && total >= 45 && total <= 50,
       "ten minutes are fifty lines (%d)", total);
}

/* All threads say the same. */
#define THREADS 8
#define ROUNDS  50
static int written;

static void *write_all(void *unused)
{
    int i;

    (void)unused;
    for (i = 0; i < 1000; i++)
        if (log_limit_allows("OCSP0401", "server", "same", START))
            __atomic_fetch_add(&written, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[THREADS];
    int round, i;

    for (round = 1; round <= ROUNDS; round++) {
        begin();
        for (i = 0; i < THREADS; i++)
            pthread_create(&threads[i], NULL, write_all, NULL);
        for (i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
    }
    ok(written == ROUNDS, "eight threads write one line of a fault (%d of %d)",
       written, ROUNDS);
}

int main(void)
{
    test_subject();
    test_id();
    test_threads();
    return done_testing();
}
