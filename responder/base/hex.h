/* SPDX-License-Identifier: Apache-2.0
 * Bytes out of hex. */
#ifndef RESPONDER_HEX_H
#define RESPONDER_HEX_H

#include "apr_pools.h"
#include "base/bytes.h"

/* By character: one more than its value as a hex digit, 0 if it is none. */
extern const unsigned char hex_values[256];

/* The value of a hex digit, of either case; -1 if it is none. */
static inline int hex_digit(char digit)
{
    return hex_values[(unsigned char)digit] - 1;
}

/* The bytes of hex, of either case, in pool. data is NULL if it is none, or
 * empty, or NULL. */
bytes_t hex_bytes(apr_pool_t *pool, const char *hex);

#endif
