/* SPDX-License-Identifier: Apache-2.0
 * base/serial_map.h: as many serials as one likes, each found again, and no
 * others. */
#include <apr_general.h>
#include "base/serial_map.h"
#include "tap.h"

/* The file: a serial of four bytes, or less, is its place. */

static apr_pool_t *pool;

static bytes_t serial_of(apr_uint32_t n, unsigned char room[4])
{
    bytes_t serial = { NULL, 0 };

    for (; n > 0; n >>= 8)
        room[3 - serial.len++] = (unsigned char)n;
    serial.data = room + 4 - serial.len;
    return serial;
}

/* Places of the second group are the serials' and 0x40000000 more. */
static int has_serial(const void *file, apr_uint32_t place, apr_uint32_t group,
                      bytes_t serial)
{
    unsigned char room[4];
    const bytes_t own = serial_of(place & 0x3FFFFFFF, room);

    ++*(unsigned *)file;
    return bytes_equal(serial, own) && place >> 30 == group;
}

static void test_many(apr_size_t most, apr_uint32_t step)
{
    unsigned calls = 0;
    serial_map_t *map = serial_map_create(pool, most, has_serial, &calls);
    unsigned char room[4];
    apr_uint32_t n;
    int wrong = 0, others = 0;

    for (n = 1; n <= most; n++) {
        apr_uint32_t *place = serial_map_put(map, 0, serial_of(n * step, room));

        wrong += *place != SERIAL_MAP_NONE;
        *place = n * step;
    }
    ok(wrong == 0, "each of %d is new", (int)most);
    for (n = 1; n <= most; n++) {
        wrong += serial_map_find(map, 0, serial_of(n * step, room)) != n * step;
        others += serial_map_find(map, 0, serial_of(n * step + 1, room))
            != SERIAL_MAP_NONE;
        others += serial_map_find(map, 1, serial_of(n * step, room))
            != SERIAL_MAP_NONE;
    }
    ok(wrong == 0, "each is found");
    ok(others == 0, "and no other, nor of another group");
    ok(calls < 30 * most + 100, "with few comparisons");
    apr_pool_clear(pool);
}

static void test_twice(void)
{
    unsigned calls = 0;
    serial_map_t *map = serial_map_create(pool, 2, has_serial, &calls);
    unsigned char room[4];
    const bytes_t serial = serial_of(0xABC, room);
    apr_uint32_t *place = serial_map_put(map, 0, serial);

    *place = 0xABC;
    ok(serial_map_put(map, 0, serial) == place, "a serial is found again");
    place = serial_map_put(map, 1, serial);
    ok(*place == SERIAL_MAP_NONE, "of another group it is new");
    *place = 0x40000ABC;
    ok(serial_map_find(map, 0, serial) == 0xABC, "the one");
    ok(serial_map_find(map, 1, serial) == 0x40000ABC, "and the other");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_many(0, 1);
    test_many(1, 1);
    test_many(12, 7);
    test_many(100000, 2);
    test_twice();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
