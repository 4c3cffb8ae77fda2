/* SPDX-License-Identifier: Apache-2.0 */
#include "base/snapshot.h"

#include "apr_atomic.h"
#include "apr_thread_mutex.h"

typedef struct {
    apr_pool_t *pool;
    const void *value;
    volatile apr_uint32_t holders; /* readers, and the place itself */
} held_t;

struct snapshot_t {
    apr_thread_mutex_t *mutex; /* guards which one is held */
    held_t *held;
};

static apr_status_t let_go(void *data)
{
    held_t *held = data;

    if (apr_atomic_dec32(&held->holders) == 0)
        apr_pool_destroy(held->pool);
    return APR_SUCCESS;
}

static apr_status_t empty(void *data)
{
    snapshot_replace(data, NULL, NULL);
    return APR_SUCCESS;
}

snapshot_t *snapshot_create(apr_pool_t *pool)
{
    snapshot_t *place = apr_pcalloc(pool, sizeof(*place));

    if (apr_thread_mutex_create(&place->mutex, APR_THREAD_MUTEX_DEFAULT, pool))
        return NULL;
    apr_pool_cleanup_register(pool, place, empty, apr_pool_cleanup_null);
    return place;
}

const void *snapshot_read(snapshot_t *place, apr_pool_t *reader)
{
    held_t *held;

    apr_thread_mutex_lock(place->mutex);
    held = place->held;
    if (held)
        apr_atomic_inc32(&held->holders);
    apr_thread_mutex_unlock(place->mutex);
    if (!held)
        return NULL;
    apr_pool_cleanup_register(reader, held, let_go, apr_pool_cleanup_null);
    return held->value;
}

apr_pool_t *snapshot_pool(void)
{
    apr_pool_t *pool = NULL;

    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    return pool;
}

void snapshot_replace(snapshot_t *place, const void *value,
                      apr_pool_t *value_pool)
{
    held_t *held = NULL, *old;

    if (value_pool) {
        held = apr_pcalloc(value_pool, sizeof(*held));
        held->pool = value_pool;
        held->value = value;
        held->holders = 1;
    }
    apr_thread_mutex_lock(place->mutex);
    old = place->held;
    place->held = held;
    apr_thread_mutex_unlock(place->mutex);
    if (old)
        let_go(old);
}
