/* SPDX-License-Identifier: Apache-2.0
 * Queries through mod_dbd that always end: within a time limit, healed when a
 * pooled connection has died, and refused at once while the database is
 * away. */
#ifndef RESPONDER_QUERY_H
#define RESPONDER_QUERY_H

#include "apr_dbd.h"
#include "httpd.h"
#include "db/result.h"

/* How long a request may wait for the database altogether. */
#define QUERY_LIMIT apr_time_from_msec(1500)

/* Finds mod_dbd's functions. Call once the configuration is read; 0 when
 * mod_dbd is not loaded. */
int query_find_functions(void);

/* The instant until which r may wait for the database: the same however often
 * and for whatever r asks it. */
apr_time_t query_deadline(request_rec *r);

/* Runs one query; the rows live in pool. deadline, an instant, is when the
 * caller's patience ends. On any other result than OK *why is in pool. The
 * connection is given back before it returns. */
query_result_t query_run(server_rec *server, apr_pool_t *pool,
                         const db_query_t *query, apr_time_t deadline,
                         db_rows_t *rows, const char **why);

#endif
