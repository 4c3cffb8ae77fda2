/* SPDX-License-Identifier: Apache-2.0
 * The schema of a database: recognised once, remembered, and looked at again
 * when a query tells that it may have changed. */
#ifndef RESPONDER_SCHEMA_CACHE_H
#define RESPONDER_SCHEMA_CACHE_H

#include "mod_ocsp_responder.h"
#include "db/query.h"
#include "source/django_ca/schema.h"

typedef struct schema_cache_t schema_cache_t;

/* An empty one for the database of server, in pool. */
schema_cache_t *schema_cache_create(apr_pool_t *pool, server_rec *server);

/* Forgets a schema that was recognised a while ago: a new release of django-ca
 * may have brought columns that no query misses. Takes memory of scratch. */
void schema_cache_forget_old(schema_cache_t *cache, apr_pool_t *scratch);

/* A query that is made for a schema, in pool. */
typedef db_query_t (*schema_cache_query_t)(
    apr_pool_t *pool, const schema_t *schema, const void *data);

/* What one finds. */
typedef struct {
    db_rows_t rows;
    const schema_t *schema; /* what they are to be read with */
} schema_cache_found_t;

/* Runs the query that make (data, schema) makes, and once more with the schema
 * recognised anew if the database refuses it, or tells that it has changed. On
 * OK *found lives in the call's pool, as *why does otherwise. */
query_result_t schema_cache_query(schema_cache_t *cache,
                                  const ocsp_responder_call_t *call,
                                  schema_cache_query_t make, const void *data,
                                  schema_cache_found_t *found,
                                  const char **why);

#endif
