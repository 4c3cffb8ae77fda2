/* SPDX-License-Identifier: Apache-2.0 */
#include "base/serial_map.h"

#include <stdlib.h>

/* Slots for each entry, so that few share a place. */
#define SPARE 2

/* Bytes of a serial, for the guess of how much room they need. */
#define USUAL_SERIAL 20

/* Entries, serials and slots are each one piece of memory, as pools never give
 * back what has been outgrown. A slot is an entry's number from 1, or 0. */
struct serial_map_t {
    serial_map_entry_t *entries;
    apr_size_t count, room;
    unsigned char *serials;
    apr_size_t serials_len, serials_room;
    apr_uint32_t *slots;
    apr_size_t slot_count; /* a power of two */
};

static apr_status_t release(void *data)
{
    serial_map_t *map = data;

    free(map->entries);
    free(map->serials);
    free(map->slots);
    return APR_SUCCESS;
}

/* FNV-1a, and a last mix as the low bits choose the slot. */
static apr_uint64_t hash_of(bytes_t serial)
{
    apr_uint64_t hash = APR_UINT64_C(0xCBF29CE484222325);
    apr_size_t i;

    for (i = 0; i < serial.len; i++)
        hash = (hash ^ serial.data[i]) * APR_UINT64_C(0x100000001B3);
    return hash ^ hash >> 32;
}

/* The slot that a serial is in, or would be. */
static apr_uint32_t *slot_of(const serial_map_t *map, bytes_t serial)
{
    apr_size_t at = (apr_size_t)hash_of(serial);

    for (;; at++) {
        apr_uint32_t *slot = &map->slots[at & (map->slot_count - 1)];
        const serial_map_entry_t *entry;

        if (!*slot)
            return slot;
        entry = &map->entries[*slot - 1];
        if (bytes_equal(serial, map->serials + entry->serial_at,
                        entry->serial_len))
            return slot;
    }
}

static bytes_t serial_of(const serial_map_t *map,
                         const serial_map_entry_t *entry)
{
    const bytes_t serial = { map->serials + entry->serial_at,
                             entry->serial_len };

    return serial;
}

/* Makes slots for so many entries. 0 when out of memory. */
static int spread(serial_map_t *map, apr_size_t room)
{
    apr_uint32_t *old = map->slots;
    apr_size_t slots = 16, i;

    while (slots < room * SPARE)
        slots *= 2;
    map->slots = calloc(slots, sizeof(*map->slots));
    if (!map->slots) {
        map->slots = old;
        return 0;
    }
    free(old);
    map->slot_count = slots;
    for (i = 0; i < map->count; i++)
        *slot_of(map, serial_of(map, &map->entries[i])) = (apr_uint32_t)i + 1;
    return 1;
}

/* Makes room for so many entries. 0 when out of memory. */
static int grow(serial_map_t *map, apr_size_t room)
{
    serial_map_entry_t *entries = room < APR_UINT32_MAX
        ? realloc(map->entries, room * sizeof(*entries))
        : NULL;

    if (!entries)
        return 0;
    map->entries = entries;
    map->room = room;
    return spread(map, room);
}

static int grow_serials(serial_map_t *map, apr_size_t room)
{
    unsigned char *serials = realloc(map->serials, room);

    if (!serials)
        return 0;
    map->serials = serials;
    map->serials_room = room;
    return 1;
}

serial_map_t *serial_map_create(apr_pool_t *pool, apr_size_t about)
{
    serial_map_t *map = apr_pcalloc(pool, sizeof(*map));

    about = about > 16 ? about : 16;
    apr_pool_cleanup_register(pool, map, release, apr_pool_cleanup_null);
    return grow(map, about) && grow_serials(map, about * USUAL_SERIAL) ? map
                                                                       : NULL;
}

serial_map_entry_t *serial_map_add(serial_map_t *map, bytes_t serial,
                                   int *is_new)
{
    apr_uint32_t *slot;
    serial_map_entry_t *entry;

    if (serial.len > APR_UINT16_MAX
        || (map->count == map->room && !grow(map, 2 * map->room))
        || (map->serials_room - map->serials_len < serial.len
            && !grow_serials(map, 2 * map->serials_room + serial.len)))
        return NULL;
    slot = slot_of(map, serial);
    *is_new = !*slot;
    if (*slot)
        return &map->entries[*slot - 1];
    entry = &map->entries[map->count++];
    *slot = (apr_uint32_t)map->count;
    memset(entry, 0, sizeof(*entry));
    entry->serial_at = map->serials_len;
    entry->serial_len = (apr_uint16_t)serial.len;
    if (serial.len)
        memcpy(map->serials + map->serials_len, serial.data, serial.len);
    map->serials_len += serial.len;
    return entry;
}

const serial_map_entry_t *serial_map_find(const serial_map_t *map,
                                          bytes_t serial)
{
    const apr_uint32_t slot = *slot_of(map, serial);

    return slot ? &map->entries[slot - 1] : NULL;
}

apr_size_t serial_map_count(const serial_map_t *map)
{
    return map->count;
}
