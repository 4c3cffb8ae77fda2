/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/counters.h"

#include <stdlib.h>

#include "apr_hash.h"
#include "apr_strings.h"

#include "httpd/shared_memory.h"

/* Changes whenever memory_t does. */
#define LAYOUT 3
#define KEY    "mod_ocsp_responder-counters"

/* Threads take turns, so that processors seldom write to the same lines. */
#define SHARES 16

/* CAs that are counted each; a power of two. */
#define CAS 16384

/* A serial has at most 20 bytes (RFC 5280 §4.1.2.2), and some have more. */
#define SERIAL_MAX 64

enum { CA_FREE = 0, CA_TAKEN, CA_READY };

typedef struct {
    apr_uint32_t state;
    char serial[SERIAL_MAX];
    apr_uint64_t counts[COUNTERS_CA];
} ca_t;

typedef struct {
    apr_uint64_t counts[COUNTERS_FAMILIES][COUNTERS_VALUES];
    counters_times_t times[COUNTERS_TIME];
} share_t;

typedef struct {
    apr_time_t since;
    apr_uint32_t next_share;
    share_t shares[SHARES];
    apr_uint64_t messages[COUNTERS_MESSAGES];
    ca_t cas[CAS + 1]; /* the last is for those without room */
} memory_t;

static memory_t *memory; /* NULL: nothing is counted */

const apr_interval_time_t counters_bounds[COUNTERS_BUCKETS - 1] = {
    20,    50,    100,   250,    500,    1000,   2500,    5000,
    10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000
};

/* -- the memory ------------------------------------------------------------ */

void counters_open(void)
{
    int made;

    memory = shared_memory_get(KEY, LAYOUT, sizeof(*memory), &made);
    if (memory && made)
        memory->since = apr_time_now();
}

apr_time_t counters_since(void)
{
    return memory ? memory->since : 0;
}

/* -- to count -------------------------------------------------------------- */

static void counters_count(apr_uint64_t *cell, apr_uint64_t amount)
{
    __atomic_fetch_add(cell, amount, __ATOMIC_RELAXED);
}

static apr_uint64_t counters_value_of(const apr_uint64_t *cell)
{
    return __atomic_load_n(cell, __ATOMIC_RELAXED);
}

static share_t *my_share(void)
{
    static __thread unsigned number; /* 0: none yet */

    if (!number)
        number = 1
            + __atomic_fetch_add(&memory->next_share, 1, __ATOMIC_RELAXED)
                % SHARES;
    return &memory->shares[number - 1];
}

void counters_add(counters_family_name_t family, const char *value)
{
    const char *const *values = counters_families[family].values;
    int i = 0;

    while (values[i + 1] && strcmp(values[i], value) != 0)
        i++;
    if (memory)
        counters_count(&my_share()->counts[family][i], 1);
}

void counters_add_message(const char *id)
{
    int number = atoi(id + strlen("OCSP"));

    if (memory && number >= 0 && number < COUNTERS_MESSAGES)
        counters_count(&memory->messages[number], 1);
}

void counters_add_time(counter_time_t timer, apr_interval_time_t took)
{
    counters_times_t *times;
    int i = 0;

    if (!memory || timer == COUNTER_TIME_NONE)
        return;
    if (took < 0) /* a clock that was set back */
        took = 0;
    while (i < COUNTERS_BUCKETS - 1 && took > counters_bounds[i])
        i++;
    times = &my_share()->times[timer];
    counters_count(&times->buckets[i], 1);
    counters_count(&times->sum, (apr_uint64_t)took);
}

/* Whether ca is the one of that serial, or has become it. */
static int is_ca(ca_t *ca, const char *serial)
{
    apr_uint32_t state = CA_FREE;

    if (__atomic_load_n(&ca->state, __ATOMIC_ACQUIRE) == CA_FREE
        && __atomic_compare_exchange_n(&ca->state, &state, CA_TAKEN, 0,
                                       __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
        apr_cpystrn(ca->serial, serial, SERIAL_MAX);
        __atomic_store_n(&ca->state, CA_READY, __ATOMIC_RELEASE);
        return 1;
    }
    /* Another thread is about to write the serial there: a moment. Should it
     * have died, the place is lost, and nothing else. */
    for (state = 0; state < 10000
         && __atomic_load_n(&ca->state, __ATOMIC_ACQUIRE) != CA_READY;
         state++)
        ;
    return strncmp(ca->serial, serial, SERIAL_MAX - 1) == 0;
}

static ca_t *find_ca(const char *serial)
{
    apr_ssize_t length = APR_HASH_KEY_STRING;
    unsigned at = apr_hashfunc_default(serial, &length), i;

    for (i = 0; *serial && i < 64; i++) {
        ca_t *ca = &memory->cas[(at + i) % CAS];

        if (is_ca(ca, serial))
            return ca;
    }
    memory->cas[CAS].state = CA_READY;
    return &memory->cas[CAS];
}

void counters_add_ca(const char *serial, counter_ca_t counter, unsigned times)
{
    if (memory && counter != COUNTER_CA_NONE && times)
        counters_count(&find_ca(serial)->counts[counter], times);
}

/* -- to read --------------------------------------------------------------- */

apr_uint64_t counters_value(counters_family_name_t family, int index)
{
    apr_uint64_t value = 0;
    int i;

    for (i = 0; memory && i < SHARES; i++)
        value += counters_value_of(&memory->shares[i].counts[family][index]);
    return value;
}

apr_uint64_t counters_message(int number)
{
    return memory ? counters_value_of(&memory->messages[number]) : 0;
}

void counters_times(counter_time_t timer, counters_times_t *times)
{
    int i, j;

    memset(times, 0, sizeof(*times));
    for (i = 0; memory && i < SHARES; i++) {
        const counters_times_t *part = &memory->shares[i].times[timer];

        times->sum += counters_value_of(&part->sum);
        for (j = 0; j < COUNTERS_BUCKETS; j++) {
            const apr_uint64_t count = counters_value_of(&part->buckets[j]);

            times->buckets[j] += count;
            times->count += count;
        }
    }
}

const apr_array_header_t *counters_list_cas(apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 4, sizeof(counters_ca_t));
    int i, j;

    for (i = 0; memory && i <= CAS; i++) {
        ca_t *ca = &memory->cas[i];
        counters_ca_t *entry;

        if (__atomic_load_n(&ca->state, __ATOMIC_ACQUIRE) != CA_READY)
            continue;
        entry = apr_array_push(list);
        entry->serial = apr_pstrdup(pool, ca->serial);
        for (j = 0; j < COUNTERS_CA; j++)
            entry->counts[j] = counters_value_of(&ca->counts[j]);
    }
    return list;
}

/* -- what they mean -------------------------------------------------------- */

const counters_family_t counters_families[COUNTERS_FAMILIES] = {
    [COUNTERS_METHOD] = { "Requests",
                          "requests",
                          "Requests to responder locations.",
                          "method",
                          { "GET", "HEAD", "POST", "other" } },
    [COUNTERS_CODE] = { "Requests",
                        "http_responses",
                        "Their HTTP status.",
                        "code",
                        { "200", "304", "400", "405", "408", "413", "414",
                          "other" } },
    [COUNTERS_ERROR] = { "Requests",
                         "errors",
                         "OCSP errors sent in place of an answer.",
                         "status",
                         { "malformedRequest", "internalError", "tryLater",
                           "unauthorized" } },
    [COUNTERS_HASH] = { "Requests",
                        "certids",
                        "Certificates asked for, by the CertID's hash "
                        "algorithm.",
                        "hash",
                        { "sha1", "sha256", "sha384", "sha512", "other" } },
    [COUNTERS_NONCE] = { "Requests",
                         "nonces",
                         "Requests that could be read, by whether they had a "
                         "nonce.",
                         "nonce",
                         { "no", "yes" } },
    [COUNTERS_MADE] = { "Answers",
                        "made",
                        "Answers by how they were made.",
                        "how",
                        { "signed", "reused", "presigned" } },
    [COUNTERS_CACHE] = { "Answers",
                         "cache",
                         "The cache of signed answers: found, not found, "
                         "refused (too busy, too large or not authentic), "
                         "stored.",
                         "result",
                         { "hit", "miss", "refused", "stored" } },
};
