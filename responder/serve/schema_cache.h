/* SPDX-License-Identifier: Apache-2.0
 * The schema of each server's database: recognised once, remembered, and looked
 * at again when a query tells that it may have changed. */
#ifndef RESPONDER_SCHEMA_CACHE_H
#define RESPONDER_SCHEMA_CACHE_H

#include "httpd.h"
#include "db/query.h"
#include "source/django_ca/dialect.h"
#include "source/django_ca/schema.h"

/* Prepares this child process; pool lives as long as it. */
void schema_cache_child_init(apr_pool_t *pool, server_rec *servers);

/* The schema of server's database, good until pool is cleared. NULL with
 * *result and, in pool, *why: UNAVAILABLE when the database does not answer,
 * REFUSED when its tables are not django-ca's. */
const schema_t *schema_cache_get(server_rec *server, apr_pool_t *pool,
                                 apr_time_t deadline, query_result_t *result,
                                 const char **why);

/* Forgets the schema: it may have changed. */
void schema_cache_forget(server_rec *server);

/* Runs the query that make (data, schema) makes in pool, and once more with the
 * schema recognised anew when the database refuses it. On OK *schema is what
 * the rows are to be read with. */
typedef db_query_t (*schema_cache_query_t)(
    apr_pool_t *pool, const schema_t *schema, const void *data);

query_result_t schema_cache_query(server_rec *server, apr_pool_t *pool,
                                  schema_cache_query_t make, const void *data,
                                  apr_time_t deadline, const schema_t **schema,
                                  db_rows_t *rows, const char **why);

/* The same for a query that is asked once in a while. */
typedef const char *(*schema_cache_sql_t)(
    apr_pool_t *pool, const schema_t *schema, const void *data);

query_result_t schema_cache_select(server_rec *server, apr_pool_t *pool,
                                   schema_cache_sql_t make_sql,
                                   const void *data, int columns,
                                   apr_time_t deadline, const schema_t **schema,
                                   db_rows_t *rows, const char **why);

#endif
