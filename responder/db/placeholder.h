/* SPDX-License-Identifier: Apache-2.0
 * The "?" for each argument of a query, as each database wants it. */
#ifndef RESPONDER_PLACEHOLDER_H
#define RESPONDER_PLACEHOLDER_H

#include "apr_pools.h"
#include "db/result.h"

/* How a database writes a text between quotes; the result is in pool. NULL if
 * it cannot be written. */
typedef const char *(*placeholder_escape_t)(void *connection, apr_pool_t *pool,
                                            const char *text);

/* The text of query with its arguments in it, each between single quotes or
 * NULL. escape NULL doubles single quotes and does no more, which is for logs
 * only. NULL if an argument cannot be written or one is missing. In pool. */
const char *placeholder_fill(apr_pool_t *pool, const db_query_t *query,
                             placeholder_escape_t escape, void *connection);

/* The text of query with "$1", "$2" and so on in their places. In pool. */
const char *placeholder_number(apr_pool_t *pool, const char *text);

#endif
