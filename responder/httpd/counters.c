/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/counters.h"

#include <stdlib.h>

#include "apr_strings.h"

#include "base/fnv1a.h"

/* Threads take turns, so that processors seldom write to the same lines. */
#define SHARES 16

/* CAs that are counted each; a power of two. */
#define CAS 16384

/* A serial has at most 20 bytes (RFC 5280 §4.1.2.2), and some have more. */
#define SERIAL_MAX 64

typedef struct {
    apr_uint64_t key;      /* of its serial; 0: the place is free */
    apr_uint32_t is_named; /* its serial has been written */
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
const apr_size_t counters_size = sizeof(memory_t);

const apr_interval_time_t counters_bounds[COUNTERS_BUCKETS - 1] = {
    20,    50,    100,   250,    500,    1000,   2500,    5000,
    10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000
};

/* -- the memory ------------------------------------------------------------ */

void counters_use(void *use, apr_time_t now)
{
    memory = use;
    if (memory && !memory->since)
        memory->since = now;
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

/* Of a serial, how much is kept. */
static apr_size_t kept_length(const char *serial)
{
    const apr_size_t length = strlen(serial);

    return length < SERIAL_MAX ? length : SERIAL_MAX - 1;
}

/* What tells serials apart; not 0. */
static apr_uint64_t key_of(const char *serial)
{
    const bytes_t bytes = { (const unsigned char *)serial,
                            kept_length(serial) };
    const apr_uint64_t key = fnv1a_add(FNV1A_START, bytes);

    return key ? key : 1;
}

/* Whether ca is the one of that key, or has become it. */
static int is_ca(ca_t *ca, apr_uint64_t key)
{
    apr_uint64_t found = counters_value_of(&ca->key);

    return found == key
        || (!found
            && (__atomic_compare_exchange_n(&ca->key, &found, key, 0,
                                            __ATOMIC_RELAXED, __ATOMIC_RELAXED)
                || found == key));
}

/* Each thread that finds no serial there writes it: it is the same. */
static ca_t *name_ca(ca_t *ca, const char *serial)
{
    apr_size_t i, length = kept_length(serial);

    if (__atomic_load_n(&ca->is_named, __ATOMIC_ACQUIRE))
        return ca;
    for (i = 0; i < length; i++)
        __atomic_store_n(&ca->serial[i], serial[i], __ATOMIC_RELAXED);
    __atomic_store_n(&ca->is_named, 1, __ATOMIC_RELEASE);
    return ca;
}

static ca_t *find_ca(const char *serial)
{
    apr_uint64_t key = key_of(serial);
    unsigned i;

    for (i = 0; *serial && i < 64; i++) {
        ca_t *ca = &memory->cas[(key + i) % CAS];

        if (is_ca(ca, key))
            return name_ca(ca, serial);
    }
    return name_ca(&memory->cas[CAS], "");
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

        if (!__atomic_load_n(&ca->is_named, __ATOMIC_ACQUIRE))
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
