/* SPDX-License-Identifier: Apache-2.0
 * Bytes and their number, as one value. */
#ifndef RESPONDER_BYTES_H
#define RESPONDER_BYTES_H

#include <string.h>

#include "apr_pools.h"
#include "apr_strings.h"

#include "mod_ocsp_responder.h"

typedef ocsp_responder_bytes_t bytes_t;

static inline int bytes_are(bytes_t bytes, const void *data, apr_size_t len)
{
    return bytes.len == len && (len == 0 || memcmp(bytes.data, data, len) == 0);
}

static inline int bytes_equal(bytes_t one, bytes_t other)
{
    return bytes_are(one, other.data, other.len);
}

/* Whether whole ends in end; nothing ends in no bytes. */
static inline int bytes_ends_in(bytes_t whole, bytes_t end)
{
    return end.len && end.len <= whole.len
        && memcmp(whole.data + whole.len - end.len, end.data, end.len) == 0;
}

/* A magnitude, big endian, without the zero bytes before it. */
static inline bytes_t bytes_without_zeros(bytes_t bytes)
{
    while (bytes.len && !*bytes.data) {
        bytes.data++;
        bytes.len--;
    }
    return bytes;
}

/* Text of so many bytes, in pool. A zero byte reads as U+001A (substitute): it
 * would end the text, and what stands behind it would go unread. */
static inline const char *bytes_text(apr_pool_t *pool, const char *data,
                                     apr_size_t length)
{
    char *text = apr_pstrmemdup(pool, data, length), *zero = text;

    while ((zero = memchr(zero, '\0', length - (apr_size_t)(zero - text))))
        *zero = '\x1A';
    return text;
}

static inline bytes_t bytes_copy(apr_pool_t *pool, const void *data,
                                 apr_size_t len)
{
    return (bytes_t){ apr_pmemdup(pool, data, len), len };
}

/* A copy of one behind the other, in pool. */
static inline bytes_t bytes_join(apr_pool_t *pool, bytes_t a, bytes_t b)
{
    unsigned char *both = apr_palloc(pool, a.len + b.len + 1);

    if (a.len)
        memcpy(both, a.data, a.len);
    if (b.len)
        memcpy(both + a.len, b.data, b.len);
    return (bytes_t){ both, a.len + b.len };
}

#endif
