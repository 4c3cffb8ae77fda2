/* SPDX-License-Identifier: Apache-2.0
 * The queries that took too long lately: a table without an index is slow for
 * each who asks, and they would have all connections to themselves. Used by
 * many threads. */
#ifndef RESPONDER_SLOW_QUERIES_H
#define RESPONDER_SLOW_QUERIES_H

#include "apr_pools.h"
#include "apr_time.h"

typedef struct slow_queries_t slow_queries_t;
typedef struct slow_query_t slow_query_t;

/* None yet. As many as limit are run at a time of each that is slow, and at
 * least one. Lives as long as pool. */
slow_queries_t *slow_queries_create(apr_pool_t *pool, int limit);

/* Before a query of that text, which is to be answered by deadline. 0 if it is
 * slow, and as many are run as may be, which it waits for while they end. Else
 * *place is NULL if it is not slow; or it is to be left. */
int slow_queries_enter(slow_queries_t *slow, const char *text,
                       apr_time_t deadline, slow_query_t **place);

/* After it; if it was quick, it is no longer slow. */
void slow_queries_leave(slow_queries_t *slow, slow_query_t *place,
                        int was_quick);

/* A query of that text took too long. */
void slow_queries_add(slow_queries_t *slow, const char *text);

#endif
