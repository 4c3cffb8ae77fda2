/* SPDX-License-Identifier: Apache-2.0
 * Octets and their number, as one value. */
#ifndef RESPONDER_BYTES_H
#define RESPONDER_BYTES_H

#include <string.h>

#include "apr.h"

/* Borrowed: who made it says how long it lives. data NULL: absent, which is
 * not the same as empty. */
typedef struct {
    const unsigned char *data;
    apr_size_t len;
} bytes_t;

static inline int bytes_equal(bytes_t octets, const void *other, apr_size_t len)
{
    return octets.len == len
           && (len == 0 || memcmp(octets.data, other, len) == 0);
}

#endif
