/* SPDX-License-Identifier: Apache-2.0
 * Bytes out of hex. */
#ifndef RESPONDER_HEX_H
#define RESPONDER_HEX_H

#include "apr_lib.h"
#include "apr_pools.h"
#include "base/bytes.h"

/* The value of a hex digit, of either case; -1 if it is none. Whether it is a
 * letter takes no branch, which a processor would guess wrong for every other
 * digit. */
static inline int hex_digit(char digit)
{
    return apr_isxdigit(digit)
        ? (digit & 0x0F) + 9 * ((unsigned char)digit >> 6)
        : -1;
}

/* The bytes of hex, of either case, in pool. data is NULL if it is none, or
 * empty, or NULL. */
bytes_t hex_bytes(apr_pool_t *pool, const char *hex);

#endif
