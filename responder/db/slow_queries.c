/* SPDX-License-Identifier: Apache-2.0 */
#include "db/slow_queries.h"

#include <pthread.h>

#include "apr_atomic.h"

#include "base/fnv1a.h"
#include "base/intervals.h"
#include "base/places.h"

/* More than there are texts of a few sources; of more, some are forgotten. */
#define QUERIES_MAX 8

/* Both are guarded by mutex; count is read without it, too. */
struct slow_query_t {
    apr_uint64_t text; /* its hash; 0: none */
    places_t places;
};

struct slow_queries_t {
    pthread_mutex_t mutex;
    apr_uint32_t count;
    unsigned next; /* to be used for another */
    slow_query_t queries[QUERIES_MAX];
};

slow_queries_t *slow_queries_create(apr_pool_t *pool, int limit)
{
    slow_queries_t *slow = apr_pcalloc(pool, sizeof(*slow));
    int i;

    pthread_mutex_init(&slow->mutex, NULL);
    for (i = 0; i < QUERIES_MAX; i++)
        places_init(&slow->queries[i].places, limit > 0 ? limit : 1);
    return slow;
}

/* With the mutex held. */
static slow_query_t *slow_queries_find(slow_queries_t *slow, apr_uint64_t text)
{
    int i;

    for (i = 0; i < QUERIES_MAX; i++) {
        if (slow->queries[i].text == text)
            return &slow->queries[i];
    }
    return NULL;
}

int slow_queries_enter(slow_queries_t *slow, const char *text,
                       apr_time_t deadline, slow_query_t **place)
{
    slow_query_t *query;

    *place = NULL;
    if (!apr_atomic_read32(&slow->count))
        return 1;
    pthread_mutex_lock(&slow->mutex);
    query = slow_queries_find(slow, fnv1a_text(text));
    if (query
        && places_take(&query->places, &slow->mutex, deadline, INTERVALS_STALL))
        *place = query;
    pthread_mutex_unlock(&slow->mutex);
    return !query || *place;
}

void slow_queries_leave(slow_queries_t *slow, slow_query_t *place,
                        int was_quick)
{
    pthread_mutex_lock(&slow->mutex);
    places_leave(&place->places);
    if (was_quick && place->text) {
        place->text = 0;
        apr_atomic_dec32(&slow->count);
    }
    pthread_mutex_unlock(&slow->mutex);
}

void slow_queries_add(slow_queries_t *slow, const char *text)
{
    const apr_uint64_t hash = fnv1a_text(text);
    slow_query_t *query;

    pthread_mutex_lock(&slow->mutex);
    query = &slow->queries[slow->next % QUERIES_MAX];
    if (!slow_queries_find(slow, hash)) {
        slow->next++;
        /* Who is in it may leave it yet. */
        if (!query->places.taken) {
            if (!query->text)
                apr_atomic_inc32(&slow->count);
            query->text = hash;
        }
    }
    pthread_mutex_unlock(&slow->mutex);
}
