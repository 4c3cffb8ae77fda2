/* SPDX-License-Identifier: Apache-2.0
 * counters.h: what is counted for CAs, by many threads that begin at once. */
#include <pthread.h>
#include <stdlib.h>
#include <apr_general.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include "httpd/counters.h"
#include "tap.h"

#define THREADS 32
#define CAS     12000
#define ROUNDS  8
#define SINCE   1000

static apr_pool_t *pool;
static pthread_barrier_t start;

static const char *serial_of(char *buffer, unsigned number)
{
    apr_snprintf(buffer, 32, "%08X%08X", number * 2654435761U, number);
    return buffer;
}

static void *APR_THREAD_FUNC count_all(apr_thread_t *thread, void *data)
{
    char serial[32];
    unsigned i;

    (void)thread;
    (void)data;
    for (i = 0; i < CAS; i++) {
        if (i % 16 == 0)
            pthread_barrier_wait(&start);
        counters_add_ca(serial_of(serial, i), COUNTER_CA_GOOD, 1);
    }
    return NULL;
}

/* How many CAs are listed twice, or with other counts than they have. */
static int count_at_once(void)
{
    apr_thread_t *threads[THREADS];
    const apr_array_header_t *list;
    apr_hash_t *seen = apr_hash_make(pool);
    apr_status_t result;
    int i, wrong = 0;

    for (i = 0; i < THREADS; i++)
        apr_thread_create(&threads[i], NULL, count_all, NULL, pool);
    for (i = 0; i < THREADS; i++)
        apr_thread_join(&result, threads[i]);
    list = counters_list_cas(pool);
    for (i = 0; i < list->nelts; i++) {
        const counters_ca_t *ca = &APR_ARRAY_IDX(list, i, counters_ca_t);

        wrong += apr_hash_get(seen, ca->serial, APR_HASH_KEY_STRING)
            || ca->counts[COUNTER_CA_GOOD] != THREADS;
        apr_hash_set(seen, ca->serial, APR_HASH_KEY_STRING, ca);
    }
    return list->nelts == CAS ? wrong : abs(list->nelts - CAS) + wrong;
}

/* A thread may be held up at the wrong moment, which is rare. */
static void test_cas(void *memory)
{
    int i, wrong = 0;

    pthread_barrier_init(&start, NULL, THREADS);
    for (i = 0; i < ROUNDS; i++) {
        memset(memory, 0, counters_size);
        counters_use(memory, SINCE);
        wrong += count_at_once();
    }
    pthread_barrier_destroy(&start);
    ok(!wrong, "each CA is listed once, with all its counts: %d are not",
       wrong);
}

static void test_full(void)
{
    const apr_array_header_t *list;
    const counters_ca_t *last;
    char serial[32];
    unsigned i;

    for (i = CAS; i < 2 * CAS; i++)
        counters_add_ca(serial_of(serial, i), COUNTER_CA_REVOKED, 1);
    list = counters_list_cas(pool);
    last = &APR_ARRAY_IDX(list, list->nelts - 1, counters_ca_t);
    is(last->serial, "", "those without room are counted together");
    ok(last->counts[COUNTER_CA_REVOKED] == 2 * CAS - (unsigned)list->nelts + 1,
       "  each of them");
}

static void test_none(void)
{
    counters_add_ca("01", COUNTER_CA_GOOD, 1);
    counters_add(COUNTERS_METHOD, "GET");
    ok(!counters_since() && counters_list_cas(pool)->nelts == 0
           && !counters_value(COUNTERS_METHOD, 0),
       "without memory nothing is counted");
}

int main(void)
{
    void *memory;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_none();
    memory = malloc(counters_size);
    test_cas(memory);
    test_full();
    counters_use(memory, SINCE + 1);
    ok(counters_since() == SINCE, "memory that was there counts on");
    free(memory);
    apr_pool_destroy(pool);
    return done_testing();
}
