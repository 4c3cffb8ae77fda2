/* SPDX-License-Identifier: Apache-2.0
 * base/serial_map.h: as many serials as one likes, each found again, and no
 * others. */
#include <apr_general.h>
#include "base/serial_map.h"
#include "tap.h"

static apr_pool_t *pool;

/* The n-th serial: 0 to 20 bytes long, none with a leading zero. */
static bytes_t serial_of(unsigned int n, unsigned char room[20])
{
    bytes_t serial = { room, 0 };

    if (n == 0)
        return serial;
    serial.len = n < 256 ? 1 : 2 + n % 19;
    memset(room, (int)(n % 7) + 1, 20);
    if (n < 256) {
        room[0] = (unsigned char)n;
        return serial;
    }
    if (serial.len >= 5)
        memcpy(room + 1, &n, sizeof(n));
    else
        serial.len = 0;
    return serial;
}

static int is_used(unsigned int n)
{
    unsigned char room[20];

    return n == 0 || serial_of(n, room).len > 0;
}

static void fill(serial_map_t *map, unsigned int most)
{
    unsigned char room[20];
    unsigned int n;
    int is_new, wrong = 0;
    apr_size_t count = 0;

    for (n = 0; n < most; n++) {
        serial_map_entry_t *entry;

        if (!is_used(n))
            continue;
        entry = serial_map_add(map, serial_of(n, room), &is_new);
        wrong += !entry || !is_new || entry->time || entry->detail;
        if (entry)
            entry->time = n;
        count++;
    }
    ok(wrong == 0, "each of %u is new, and zeroed", most);
    ok(serial_map_count(map) == count, "and counted");
}

static void find(const serial_map_t *map, unsigned int most)
{
    unsigned char room[20];
    unsigned int n;
    int wrong = 0, others = 0;

    for (n = 0; n < 2 * most; n++) {
        const serial_map_entry_t *entry;

        if (!is_used(n))
            continue;
        entry = serial_map_find(map, serial_of(n, room));
        if (n < most)
            wrong += !entry || entry->time != (apr_time_t)n;
        else
            others += entry != NULL;
    }
    ok(wrong == 0, "each is found, with what was put there");
    ok(others == 0, "and no other");
}

static void test_many(apr_size_t about)
{
    serial_map_t *map = serial_map_create(pool, about);

    fill(map, 100000);
    find(map, 100000);
    apr_pool_clear(pool);
}

static void test_twice(void)
{
    serial_map_t *map = serial_map_create(pool, 2);
    const bytes_t serial = { (const unsigned char *)"\x0A\xBC", 2 };
    int is_new = 0;

    serial_map_add(map, serial, &is_new)->state = 7;
    ok(is_new, "a serial is new");
    ok(serial_map_add(map, serial, &is_new)->state == 7, "and found again");
    ok(!is_new && serial_map_count(map) == 1, "not new any more");
}

static void test_like(void)
{
    serial_map_t *map = serial_map_create(pool, 2);
    const bytes_t serial = { (const unsigned char *)"\x01\x00\x02", 3 };
    bytes_t other = serial;
    static unsigned char longest[65536];
    int is_new;

    serial_map_add(map, serial, &is_new);
    for (other.len = 0; other.len < 3; other.len++)
        ok(!serial_map_find(map, other), "not one of %d bytes", (int)other.len);
    ok(serial_map_find(map, serial) != NULL, "but the whole");
    other.data = longest;
    other.len = 65536;
    ok(!serial_map_add(map, other, &is_new), "no serial is that long");
    other.len = 65535;
    ok(serial_map_add(map, other, &is_new) != NULL, "but this long");
    ok(serial_map_find(map, other) != NULL, "and it is found");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_many(1);
    test_many(100000);
    test_twice();
    test_like();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
