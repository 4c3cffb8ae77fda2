/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text_hash.h"

#include <string.h>

/* An odd number whose bits look random: 2^64 by the golden ratio. */
#define FACTOR 0x9E3779B97F4A7C15ULL

static apr_uint64_t mix(apr_uint64_t hash, apr_uint64_t word)
{
    hash = (hash ^ word) * FACTOR;
    return hash ^ hash >> 32;
}

static unsigned hash_text(const char *key, apr_ssize_t *length)
{
    apr_uint64_t hash, word;
    apr_size_t rest;

    if (*length == APR_HASH_KEY_STRING)
        *length = (apr_ssize_t)strlen(key);
    rest = (apr_size_t)*length;
    for (hash = rest; rest >= sizeof(word); rest -= sizeof(word)) {
        memcpy(&word, key, sizeof(word));
        hash = mix(hash, word);
        key += sizeof(word);
    }
    word = 0;
    memcpy(&word, key, rest);
    return (unsigned)mix(hash, word);
}

apr_hash_t *text_hash_make(apr_pool_t *pool)
{
    return apr_hash_make_custom(pool, hash_text);
}
