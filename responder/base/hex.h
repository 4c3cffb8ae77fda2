/* SPDX-License-Identifier: Apache-2.0
 * Bytes out of hex. [pure] */
#ifndef RESPONDER_HEX_H
#define RESPONDER_HEX_H

#include "apr_pools.h"
#include "base/bytes.h"

/* The bytes of hex, of either case, in pool. data is NULL if it is none, or
 * empty, or NULL. */
bytes_t hex_bytes(apr_pool_t *pool, const char *hex);

#endif
