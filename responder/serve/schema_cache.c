/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/schema_cache.h"

#include "apr_hash.h"
#include "apr_strings.h"

#include "db/database.h"
#include "base/snapshot.h"

static apr_hash_t *places; /* snapshot_t * with a schema_t *, by server_rec * */

static snapshot_t *place_of(server_rec *server)
{
    return apr_hash_get(places, &server, sizeof(server));
}

void schema_cache_child_init(apr_pool_t *pool, server_rec *servers)
{
    server_rec *server;

    places = apr_hash_make(pool);
    for (server = servers; server; server = server->next)
        apr_hash_set(places, apr_pmemdup(pool, &server, sizeof(server)),
                     sizeof(server), snapshot_create(pool));
}

/* Several threads may find the same out at once; it costs a query each. */
static void recognise(server_rec *server, apr_pool_t *pool,
                      const dialect_t *engine, db_rows_t columns,
                      query_result_t *result, const char **why)
{
    apr_pool_t *own = snapshot_pool();
    const schema_t *schema =
        own ? schema_recognise(own, engine, columns, why) : NULL;

    if (schema) {
        snapshot_replace(place_of(server), schema, own);
        return;
    }
    *result = QUERY_REFUSED;
    *why = apr_pstrdup(pool, own ? *why : "out of memory");
    if (own)
        apr_pool_destroy(own);
}

const schema_t *schema_cache_get(server_rec *server, apr_pool_t *pool,
                                 apr_time_t deadline, query_result_t *result,
                                 const char **why)
{
    const database_t *database = database_of(server);
    const schema_t *schema = snapshot_read(place_of(server), pool);
    db_query_t query = { .columns = SCHEMA_COLUMNS_WIDTH };
    const dialect_t *dialect;
    db_rows_t columns;

    if (schema)
        return schema;
    if (!database) {
        *result = QUERY_REFUSED;
        *why = "mod_dbd has no DBDriver here, or one that is not supported";
        return NULL;
    }
    dialect = dialect_find(database->driver->name);
    query.text = dialect->columns;
    *result = query_run(server, pool, &query, deadline, &columns, why);
    if (*result == QUERY_OK)
        recognise(server, pool, dialect, columns, result, why);
    else
        /* Not even the catalogue can be read: nothing is known of it. */
        *result = QUERY_UNAVAILABLE;
    if (*result != QUERY_OK)
        return NULL;
    schema = snapshot_read(place_of(server), pool);
    /* Another thread may have forgotten it already. */
    if (!schema) {
        *result = QUERY_UNAVAILABLE;
        *why = "the tables keep changing";
    }
    return schema;
}

void schema_cache_forget(server_rec *server)
{
    snapshot_replace(place_of(server), NULL, NULL);
}

query_result_t schema_cache_query(server_rec *server, apr_pool_t *pool,
                                  schema_cache_query_t make, const void *data,
                                  apr_time_t deadline, const schema_t **schema,
                                  db_rows_t *rows, const char **why)
{
    query_result_t result = QUERY_REFUSED;
    int fresh;

    for (fresh = 0; fresh < 2; fresh++) {
        db_query_t query;

        *schema = schema_cache_get(server, pool, deadline, &result, why);
        if (!*schema)
            return result;
        query = make(pool, *schema, data);
        result = query_run(server, pool, &query, deadline, rows, why);
        if (result != QUERY_REFUSED)
            return result;
        schema_cache_forget(server);
    }
    /* The tables are right and still the query fails: a lock, a time limit. */
    return QUERY_UNAVAILABLE;
}

typedef struct {
    schema_cache_sql_t make_sql;
    const void *data;
    int columns;
} text_t;

static db_query_t make_text(apr_pool_t *pool, const schema_t *schema,
                            const void *data)
{
    const text_t *text = data;
    db_query_t query = { .text = text->make_sql(pool, schema, text->data),
                         .columns = text->columns };

    return query;
}

query_result_t schema_cache_select(server_rec *server, apr_pool_t *pool,
                                   schema_cache_sql_t make_sql,
                                   const void *data, int columns,
                                   apr_time_t deadline, const schema_t **schema,
                                   db_rows_t *rows, const char **why)
{
    const text_t text = { make_sql, data, columns };

    return schema_cache_query(server, pool, make_text, &text, deadline, schema,
                              rows, why);
}
