/* SPDX-License-Identifier: Apache-2.0
 * Bytes that are wiped when their pool goes. */
#ifndef RESPONDER_SECRET_H
#define RESPONDER_SECRET_H

#include "apr_pools.h"
#include "base/bytes.h"

/* Room for size bytes, in pool. Never NULL. */
unsigned char *secret_room(apr_pool_t *pool, apr_size_t size);

/* A copy of bytes, in pool. */
bytes_t secret_copy(apr_pool_t *pool, bytes_t bytes);

#endif
