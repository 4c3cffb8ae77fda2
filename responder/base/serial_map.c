/* SPDX-License-Identifier: Apache-2.0 */
#include "base/serial_map.h"

#include <stdlib.h>

#include "base/fnv1a.h"

/* Slots for each serial, at least, so that few share one. */
#define SPARE 4 / 3

struct serial_map_t {
    serial_map_is_t is;
    const void *file;
    apr_uint32_t *slots;   /* of places; outside of the pool, which would round
                            * their size up */
    apr_size_t slot_count; /* a power of two */
};

static apr_status_t release(void *data)
{
    serial_map_t *map = data;

    free(map->slots);
    return APR_SUCCESS;
}

serial_map_t *serial_map_create(apr_pool_t *pool, apr_size_t most,
                                serial_map_is_t is, const void *file)
{
    serial_map_t *map = apr_palloc(pool, sizeof(*map));

    map->is = is;
    map->file = file;
    for (map->slot_count = 16; map->slot_count < most * SPARE + 1;)
        map->slot_count *= 2;
    map->slots = calloc(map->slot_count, sizeof(*map->slots));
    apr_pool_cleanup_register(pool, map, release, apr_pool_cleanup_null);
    return map->slots ? map : NULL;
}

/* With a last mix, as the low bits choose the slot. */
static apr_uint64_t serial_map_hash_of(apr_uint32_t group, bytes_t serial)
{
    const apr_uint64_t hash = fnv1a_add(FNV1A_START + group, serial);

    return hash ^ hash >> 32;
}

/* The slot that a serial's place is in, or would be. */
static apr_uint32_t *serial_map_slot_of(const serial_map_t *map,
                                        apr_uint32_t group, bytes_t serial)
{
    apr_size_t at = (apr_size_t)serial_map_hash_of(group, serial);
    apr_uint32_t *slot;

    do
        slot = &map->slots[at++ & (map->slot_count - 1)];
    while (*slot != SERIAL_MAP_NONE
           && !map->is(map->file, *slot, group, serial));
    return slot;
}

apr_uint32_t *serial_map_put(serial_map_t *map, apr_uint32_t group,
                             bytes_t serial)
{
    return serial_map_slot_of(map, group, serial);
}

apr_uint32_t serial_map_find(const serial_map_t *map, apr_uint32_t group,
                             bytes_t serial)
{
    return *serial_map_slot_of(map, group, serial);
}
