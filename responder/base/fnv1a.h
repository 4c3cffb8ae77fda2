/* SPDX-License-Identifier: Apache-2.0
 * The hash FNV-1a of 64 bits, for keys that nobody chooses in order to have two
 * of one value. */
#ifndef RESPONDER_FNV1A_H
#define RESPONDER_FNV1A_H

#include <string.h>

#include "base/bytes.h"

/* Of no bytes. */
#define FNV1A_START APR_UINT64_C(0xCBF29CE484222325)

/* Of what hash is of, and these bytes behind it. */
static inline apr_uint64_t fnv1a_add(apr_uint64_t hash, bytes_t bytes)
{
    apr_size_t i;

    for (i = 0; i < bytes.len; i++)
        hash = (hash ^ bytes.data[i]) * APR_UINT64_C(0x100000001B3);
    return hash;
}

/* Of a text, without its end. */
static inline apr_uint64_t fnv1a_text(const char *text)
{
    const bytes_t bytes = { (const unsigned char *)text, strlen(text) };

    return fnv1a_add(FNV1A_START, bytes);
}

#endif
