/* SPDX-License-Identifier: Apache-2.0
 * What is known of many serials: a million take about 50 MB, and one is found
 * by its hash. */
#ifndef RESPONDER_SERIAL_MAP_H
#define RESPONDER_SERIAL_MAP_H

#include "apr_pools.h"
#include "apr_time.h"
#include "base/bytes.h"

/* Where an entry has no more to tell. */
#define SERIAL_MAP_NONE 0

typedef struct {
    apr_time_t time;     /* what its owner puts here, as in the other fields */
    apr_uint32_t detail; /* SERIAL_MAP_NONE, or a number in its owner's list */
    apr_byte_t state;
    apr_byte_t reason;
    /* The map's own: */
    apr_uint16_t serial_len;
    apr_uint64_t serial_at;
} serial_map_entry_t;

typedef struct serial_map_t serial_map_t;

/* An empty map. about: how many entries to expect; more may come. It lives in
 * pool, and its memory is given back when that is cleared. NULL when there is
 * not that much memory. Until it is filled, one thread may use it; afterwards
 * any may look. */
serial_map_t *serial_map_create(apr_pool_t *pool, apr_size_t about);

/* Adds an entry, all zero but its serial, for a magnitude that is big endian
 * and begins with no zero byte, at most 65535 bytes. Returns it, or the one
 * that is there already, with *is_new 0. Until the next is added it may be
 * written to. NULL when out of memory. */
serial_map_entry_t *serial_map_add(serial_map_t *map, bytes_t serial,
                                   int *is_new);

/* The entry of a serial; NULL when there is none. Lives as long as the map. */
const serial_map_entry_t *serial_map_find(const serial_map_t *map,
                                          bytes_t serial);

apr_size_t serial_map_count(const serial_map_t *map);

#endif
