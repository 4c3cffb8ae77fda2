/* SPDX-License-Identifier: Apache-2.0
 * hex.h: bytes out of hex. */
#include <apr_escape.h>
#include <apr_general.h>
#include "base/hex.h"
#include "tap.h"

static apr_pool_t *pool;

static void test_bytes(void)
{
    unsigned char all[256], zero[1] = { 0 };
    unsigned i;

    for (i = 0; i < sizeof(all); i++)
        all[i] = (unsigned char)i;
    ok(bytes_are(hex_bytes(pool, apr_pescape_hex(pool, all, sizeof(all), 0)),
                 all, sizeof(all)),
       "every byte");
    ok(bytes_are(hex_bytes(pool, "aBCDefAbcdEF"), "\xAB\xCD\xEF\xAB\xCD\xEF",
                 6),
       "either case");
    ok(bytes_are(hex_bytes(pool, "00"), zero, 1), "a zero");
}

static void test_none(void)
{
    static const char *const texts[] = { "",     "0",  "ABC",   " A", "A ",
                                         "0xAB", "-1", "\\xAB", "A:", "AB:CD" };
    unsigned i, refused = 0;
    char text[3] = "AA";

    for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        ok(!hex_bytes(pool, texts[i]).data && !hex_bytes(pool, texts[i]).len,
           "\"%s\" is none", texts[i]);
    ok(!hex_bytes(pool, NULL).data, "nor is NULL");
    for (i = 1; i < 256; i++) {
        text[1] = (char)i;
        refused += !hex_bytes(pool, text).data;
    }
    ok(refused == 255 - 22, "22 characters are digits");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_bytes();
    test_none();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
