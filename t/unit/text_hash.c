/* SPDX-License-Identifier: Apache-2.0
 * base/text_hash.h: keys of all lengths, alike but for one byte, are each found
 * again, and no others. */
#include <apr_general.h>
#include <apr_strings.h>
#include "base/text_hash.h"
#include "tap.h"

#define LONGEST 80

static int differ_in_one_byte(apr_pool_t *pool)
{
    apr_hash_t *table = text_hash_make(pool);
    char *keys[LONGEST];
    int i, found = 0;

    for (i = 0; i < LONGEST; i++) {
        keys[i] =
            apr_pstrcat(pool, "/etc/ocsp/of-one-length-and-longer-than-a-",
                        "word/0000000000000000000000000000000000000000", NULL);
        keys[i][i] ^= 1;
        apr_hash_set(table, keys[i], APR_HASH_KEY_STRING, keys[i]);
    }
    for (i = 0; i < LONGEST; i++)
        found +=
            apr_hash_get(table, apr_pstrdup(pool, keys[i]), APR_HASH_KEY_STRING)
            == keys[i];
    return found == LONGEST && apr_hash_count(table) == LONGEST;
}

static int differ_in_length(apr_pool_t *pool)
{
    apr_hash_t *table = text_hash_make(pool);
    static const char zeros[LONGEST];
    int i, found = 0;

    for (i = 0; i < LONGEST; i++)
        apr_hash_set(table, zeros, i, &zeros[i]);
    for (i = 0; i < LONGEST; i++)
        found += apr_hash_get(table, zeros, i) == &zeros[i];
    return found == LONGEST;
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(differ_in_one_byte(pool), "texts that differ in one byte");
    ok(differ_in_length(pool), "bytes that differ in their number");
    ok(!apr_hash_get(text_hash_make(pool), "", APR_HASH_KEY_STRING),
       "what is not there is not found");
    return done_testing();
}
