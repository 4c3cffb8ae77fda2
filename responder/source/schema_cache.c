/* SPDX-License-Identifier: Apache-2.0 */
#include "source/schema_cache.h"

#include "source/django_ca/columns.h"

#include "apr_strings.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/snapshot.h"
#include "db/database.h"

struct schema_cache_t {
    server_rec *server;
    snapshot_t *place; /* with a recognised_t */
};

typedef struct {
    const schema_t *schema;
    apr_time_t at;
} recognised_t;

schema_cache_t *schema_cache_create(apr_pool_t *pool, server_rec *server)
{
    schema_cache_t *cache = apr_palloc(pool, sizeof(*cache));

    cache->server = server;
    cache->place = snapshot_create(pool);
    return cache;
}

void schema_cache_forget_old(schema_cache_t *cache, apr_pool_t *scratch)
{
    const recognised_t *known = snapshot_read(cache->place, scratch);

    if (known
        && !deadline_is_recent(known->at, INTERVALS_SCHEMA, apr_time_now()))
        snapshot_replace(cache->place, NULL, NULL);
}

/* -- recognising ----------------------------------------------------------- */

/* Several threads may find the same out at once; it costs a query each. */
static query_result_t recognise(schema_cache_t *cache, apr_pool_t *pool,
                                const dialect_t *dialect, db_rows_t columns,
                                const char **why)
{
    apr_pool_t *own = snapshot_pool();
    recognised_t *made = own ? apr_palloc(own, sizeof(*made)) : NULL;

    *why = "out of memory";
    if (made) {
        made->at = apr_time_now();
        made->schema = schema_recognise(own, dialect, columns, why);
        if (made->schema) {
            snapshot_replace(cache->place, made, own);
            return QUERY_OK;
        }
        *why = apr_pstrdup(pool, *why);
        apr_pool_destroy(own);
    }
    return QUERY_REFUSED;
}

static query_result_t read_columns(
    schema_cache_t *cache, const ocsp_responder_call_t *call, const char **why)
{
    database_settings_t settings;
    db_query_t query = { .columns = SCHEMA_COLUMNS_WIDTH };
    const dialect_t *dialect;
    query_result_t result;
    db_rows_t columns;

    database_settings(cache->server, &settings);
    dialect = settings.driver ? dialect_find(settings.driver) : NULL;
    if (!dialect) {
        *why = "mod_dbd has no DBDriver here, or one that is not supported";
        return QUERY_REFUSED;
    }
    query.text = columns_query(call->pool, dialect);
    result = query_run(cache->server, call->pool, &query, call->deadline,
                       &columns, why);
    /* Not even the catalogue can be read: nothing is known of it. */
    if (result != QUERY_OK)
        return result == QUERY_REFUSED ? QUERY_UNAVAILABLE : result;
    return recognise(cache, call->pool, dialect, columns, why);
}

/* The schema, good until the call's pool is cleared. */
static query_result_t schema_cache_get(schema_cache_t *cache,
                                       const ocsp_responder_call_t *call,
                                       const schema_t **schema,
                                       const char **why)
{
    const recognised_t *known = snapshot_read(cache->place, call->pool);
    query_result_t result = QUERY_OK;

    if (!known) {
        result = read_columns(cache, call, why);
        known = snapshot_read(cache->place, call->pool);
    }
    if (result != QUERY_OK)
        return result;
    if (!known) {
        /* Another thread has forgotten it already. */
        *why = "the tables keep changing";
        return QUERY_UNAVAILABLE;
    }
    *schema = known->schema;
    return QUERY_OK;
}

/* -------------------------------------------------------------------------- */

query_result_t schema_cache_query(schema_cache_t *cache,
                                  const ocsp_responder_call_t *call,
                                  schema_cache_query_t make, const void *data,
                                  schema_cache_found_t *found, const char **why)
{
    int fresh;

    for (fresh = 0; fresh < 2; fresh++) {
        query_result_t result =
            schema_cache_get(cache, call, &found->schema, why);
        db_query_t query;

        if (result != QUERY_OK)
            return result;
        query = make(call->pool, found->schema, data);
        result = query_run(cache->server, call->pool, &query, call->deadline,
                           &found->rows, why);
        if (result == QUERY_OK && schema_has_changed(found->rows))
            *why = "the tables keep changing";
        else if (result != QUERY_REFUSED)
            return result;
        snapshot_replace(cache->place, NULL, NULL);
    }
    /* The tables are right and still the query fails: a lock, a time limit. */
    return QUERY_UNAVAILABLE;
}
