/* SPDX-License-Identifier: Apache-2.0
 * Where things stand in a file, found by the hashes of their serials: a million
 * take 8 MB. The file keeps what is known of them. */
#ifndef RESPONDER_SERIAL_MAP_H
#define RESPONDER_SERIAL_MAP_H

#include "apr_pools.h"
#include "base/bytes.h"

/* No thing stands there. */
#define SERIAL_MAP_NONE 0

/* Whether what stands at a place, which is not SERIAL_MAP_NONE, has that serial
 * in that group. */
typedef int (*serial_map_is_t)(const void *file, apr_uint32_t place,
                               apr_uint32_t group, bytes_t serial);

typedef struct serial_map_t serial_map_t;

/* An empty map for at most so many serials. file, for is, lives as long as it
 * is used. It lives in pool, and its memory is given back when that is cleared.
 * NULL when there is not that much memory. Until it is filled, one thread may
 * use it; afterwards any may look. */
serial_map_t *serial_map_create(apr_pool_t *pool, apr_size_t most,
                                serial_map_is_t is, const void *file);

/* Where to write the place of a serial, a magnitude, in a group:
 * SERIAL_MAP_NONE stands there, or where it was found before. Never NULL. */
apr_uint32_t *serial_map_put(serial_map_t *map, apr_uint32_t group,
                             bytes_t serial);

/* The place of a serial in a group; SERIAL_MAP_NONE if it has none. */
apr_uint32_t serial_map_find(const serial_map_t *map, apr_uint32_t group,
                             bytes_t serial);

#endif
