/* SPDX-License-Identifier: Apache-2.0
 * The schema of each server's database: recognised once, remembered, and looked
 * at again when a query tells that it may have changed. */
#ifndef RESPONDER_TABLES_H
#define RESPONDER_TABLES_H

#include "httpd.h"
#include "db/dbd.h"
#include "source/django_ca/engine.h"
#include "source/django_ca/schema.h"

/* Prepares this child process; pool lives as long as it. */
void tables_child_init(apr_pool_t *pool, server_rec *servers);

/* The schema of server's database, good until pool is cleared. NULL with
 * *result and, in pool, *why: UNAVAILABLE when the database does not answer,
 * REFUSED when its tables are not django-ca's. */
const schema_t *tables_schema(server_rec *server, apr_pool_t *pool,
                              apr_time_t deadline, dbd_result_t *result,
                              const char **why);

/* Forgets the schema: it may have changed. */
void tables_forget(server_rec *server);

/* Runs the query that make (data, schema) makes in pool, and once more with the
 * schema recognised anew when the database refuses it. On OK *schema is what
 * the rows are to be read with. */
typedef schema_query_t (*tables_query_t)(apr_pool_t *pool,
                                         const schema_t *schema,
                                         const void *data);

dbd_result_t tables_ask(server_rec *server, apr_pool_t *pool,
                        tables_query_t make, const void *data, int columns,
                        apr_time_t deadline, const schema_t **schema,
                        schema_rows_t *rows, const char **why);

/* The same for a query that is asked once in a while. */
typedef const char *(*tables_sql_t)(apr_pool_t *pool, const schema_t *schema,
                                    const void *data);

dbd_result_t tables_select(server_rec *server, apr_pool_t *pool,
                           tables_sql_t make_sql, const void *data, int columns,
                           apr_time_t deadline, const schema_t **schema,
                           schema_rows_t *rows, const char **why);

#endif
