/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/status_cache.h"

#include <string.h>

#include "apr_strings.h"
#include "apr_thread_mutex.h"

/* Serials longer than RFC 5280 §4.1.2.2 allows are not kept. */
#define SERIAL_MAX 20 /* octets */

#define WAYS 4 /* places in a set */

typedef struct {
    apr_uint32_t generation; /* of the state it was read in; 0: empty */
    const zone_t *zone;
    ocsp_responder_status_t status;
    char ca_serial[2 * SERIAL_MAX + 1];
    unsigned char ca_self_issued;
    unsigned char serial_len;
    unsigned char serial[SERIAL_MAX];
} place_t;

typedef place_t set_t[WAYS];

struct status_cache_t {
    apr_thread_mutex_t *mutex; /* guards all below */
    sqlite_state_t state;
    apr_uint32_t generation; /* of state */
    unsigned next;           /* way to be used again */
    unsigned count;          /* of sets */
    set_t *sets;
};

status_cache_t *status_cache_create(apr_pool_t *pool, unsigned statuses)
{
    status_cache_t *memory = apr_pcalloc(pool, sizeof(*memory));

    memory->count = statuses / WAYS;
    memory->sets = apr_pcalloc(pool, memory->count * sizeof(set_t));
    return apr_thread_mutex_create(&memory->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool)
            == APR_SUCCESS
        ? memory
        : NULL;
}

static int fits(const status_cache_key_t *key)
{
    return key->query->serial_len <= SERIAL_MAX
        && strlen(key->query->ca_serial) <= 2 * SERIAL_MAX;
}

/* Serials are random but for those of a CA's own making, which count up. */
static place_t *set_of(const status_cache_t *memory,
                       const status_cache_key_t *key)
{
    unsigned hash = 0;
    apr_size_t i;

    for (i = 0; i < key->query->serial_len; i++)
        hash = 31 * hash + key->query->serial[i];
    return memory->sets[hash % memory->count];
}

static int is_for(const place_t *place, const status_cache_key_t *key)
{
    const ocsp_responder_query_t *query = key->query;

    return place->zone == key->zone
        && place->ca_self_issued == !!query->ca_self_issued
        && place->serial_len == query->serial_len
        && memcmp(place->serial, query->serial, query->serial_len) == 0
        && strcmp(place->ca_serial, query->ca_serial) == 0;
}

/* The place of a key; NULL: none. Called with the mutex held. */
static place_t *find(status_cache_t *memory, const status_cache_key_t *key)
{
    place_t *set = set_of(memory, key);
    int i;

    for (i = 0; i < WAYS; i++) {
        if (set[i].generation && is_for(&set[i], key))
            return &set[i];
    }
    return NULL;
}

int status_cache_find(status_cache_t *memory, const status_cache_key_t *key,
                      ocsp_responder_status_t *status, sqlite_state_t *state)
{
    const place_t *place;
    int found;

    if (!fits(key))
        return 0;
    apr_thread_mutex_lock(memory->mutex);
    place = find(memory, key);
    found = place && place->generation == memory->generation;
    if (found) {
        *status = place->status;
        *state = memory->state;
    }
    apr_thread_mutex_unlock(memory->mutex);
    return found;
}

static place_t *place_for(status_cache_t *memory, const status_cache_key_t *key)
{
    place_t *place = find(memory, key);
    place_t *set = set_of(memory, key);
    int i;

    for (i = 0; i < WAYS && !place; i++) {
        if (set[i].generation != memory->generation)
            place = &set[i];
    }
    return place ? place : &set[memory->next++ % WAYS];
}

static void fill(place_t *place, const status_cache_key_t *key)
{
    const ocsp_responder_query_t *query = key->query;

    place->zone = key->zone;
    apr_cpystrn(place->ca_serial, query->ca_serial, sizeof(place->ca_serial));
    place->ca_self_issued = !!query->ca_self_issued;
    place->serial_len = (unsigned char)query->serial_len;
    memcpy(place->serial, query->serial, query->serial_len);
}

/* After four thousand million states, all begins anew. */
static void begin(status_cache_t *memory, const sqlite_state_t *state)
{
    memory->state = *state;
    if (++memory->generation == 0) {
        memset(memory->sets, 0, memory->count * sizeof(set_t));
        memory->generation = 1;
    }
}

void status_cache_store(status_cache_t *memory, const status_cache_key_t *key,
                        const ocsp_responder_status_t *status,
                        const sqlite_state_t *state)
{
    place_t *place;

    if (!fits(key))
        return;
    apr_thread_mutex_lock(memory->mutex);
    if (!memory->generation || !sqlite_state_is(state, &memory->state))
        begin(memory, state);
    place = place_for(memory, key);
    fill(place, key);
    place->status = *status;
    place->generation = memory->generation;
    apr_thread_mutex_unlock(memory->mutex);
}
