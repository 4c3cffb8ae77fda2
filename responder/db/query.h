/* SPDX-License-Identifier: Apache-2.0
 * Queries that always end: within a time limit, healed when a connection has
 * died, and refused at once while the database is away. */
#ifndef RESPONDER_QUERY_H
#define RESPONDER_QUERY_H

#include "httpd.h"
#include "db/result.h"

/* Runs one query; the rows live in pool. deadline, an instant, is when the
 * caller's patience ends. On any other result than OK *why is in pool. */
query_result_t query_run(server_rec *server, apr_pool_t *pool,
                         const db_query_t *query, apr_time_t deadline,
                         db_rows_t *rows, const char **why);

/* What there is to know of the server behind a connection. */
typedef struct {
    int is_replica; /* its rows come from another server, and may be late */
    long lag;       /* seconds; -1: not known */
} query_replica_t;

/* Asks the server that server's database is connected to now. */
query_result_t query_replica(server_rec *server, apr_pool_t *pool,
                             apr_time_t deadline, query_replica_t *replica,
                             const char **why);

/* 1 if the sessions of server's database begin with autocommit off, which this
 * module turns on for its own; 0 if not, or if the database does not tell. */
int query_begins_in_transaction(server_rec *server, apr_pool_t *pool,
                                apr_time_t deadline);

#endif
