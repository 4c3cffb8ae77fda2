/* SPDX-License-Identifier: Apache-2.0
 * Bytes out of hex. */
#ifndef RESPONDER_HEX_H
#define RESPONDER_HEX_H

#include "apr_escape.h"
#include "apr_pools.h"
#include "base/bytes.h"

/* The bytes of hex, of either case, in pool. data is NULL if it is none, or
 * empty, or NULL. */
static inline bytes_t hex_octets(apr_pool_t *pool, const char *hex)
{
    const apr_size_t length = hex ? strlen(hex) : 0;
    bytes_t found = { NULL, 0 };

    /* APR drops an odd digit in silence. */
    if (length && length % 2 == 0)
        found.data = apr_punescape_hex(pool, hex, 0, &found.len);
    if (!found.data)
        found.len = 0;
    return found;
}

#endif
