/* SPDX-License-Identifier: Apache-2.0
 * DER written by hand, right or wrong. All of it lives in pool. */
#ifndef T_UNIT_HANDMADE_H
#define T_UNIT_HANDMADE_H

#include <string.h>

#include "apr_pools.h"
#include <openssl/crypto.h>
#include "base/bytes.h"

static apr_pool_t *pool;

__attribute__((unused)) static bytes_t bytes(const void *data, apr_size_t len)
{
    return (bytes_t){ data, len };
}

__attribute__((unused)) static bytes_t text(const char *string)
{
    return bytes(string, strlen(string));
}

/* Takes hexadecimal, with spaces. */
__attribute__((unused)) static bytes_t hex(const char *digits)
{
    unsigned char *out = apr_palloc(pool, strlen(digits) / 2 + 1);
    bytes_t value = { out, 0 };

    for (; *digits; digits++) {
        if (*digits == ' ')
            continue;
        out[value.len++] = (unsigned char)(OPENSSL_hexchar2int(digits[0]) << 4
                                           | OPENSSL_hexchar2int(digits[1]));
        digits++;
    }
    return value;
}

__attribute__((unused)) static bytes_t join(bytes_t a, bytes_t b)
{
    unsigned char *out = apr_palloc(pool, a.len + b.len + 1);
    bytes_t both = { out, a.len + b.len };

    if (a.len)
        memcpy(out, a.data, a.len);
    if (b.len)
        memcpy(out + a.len, b.data, b.len);
    return both;
}

/* An element around contents, its length in the shortest form. */
__attribute__((unused)) static bytes_t wrap(int tag, bytes_t contents)
{
    unsigned char *head = apr_palloc(pool, 4);
    bytes_t header = { head, 2 };

    head[0] = (unsigned char)tag;
    if (contents.len < 0x80) {
        head[1] = (unsigned char)contents.len;
    }
    else if (contents.len < 0x100) {
        head[1] = 0x81;
        head[2] = (unsigned char)contents.len;
        header.len = 3;
    }
    else {
        head[1] = 0x82;
        head[2] = (unsigned char)(contents.len >> 8);
        head[3] = (unsigned char)contents.len;
        header.len = 4;
    }
    return join(header, contents);
}

__attribute__((unused)) static bytes_t filled(int byte, apr_size_t len)
{
    unsigned char *out = apr_palloc(pool, len + 1);

    memset(out, byte, len);
    return bytes(out, len);
}

__attribute__((
    unused)) static const bytes_t nothing = { (const unsigned char *)"", 0 };

__attribute__((unused)) static int same(bytes_t a, bytes_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* len times byte, in an OCTET STRING, in a SEQUENCE; of 0xFF the base64 is a
 * row of '/'. */
__attribute__((unused)) static bytes_t sequence(int byte, apr_size_t len)
{
    return wrap(0x30, wrap(0x04, filled(byte, len)));
}

#endif
