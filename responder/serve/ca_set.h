/* SPDX-License-Identifier: Apache-2.0
 * The CAs that a responder answers for, as the database has them at one time,
 * to be found by what a CertID says of them. */
#ifndef RESPONDER_CA_SET_H
#define RESPONDER_CA_SET_H

#include "apr_hash.h"
#include "apr_tables.h"

#include "db/query.h"
#include "serve/authority.h"
#include "ocsp/request.h"
#include "source/django_ca/schema.h"
#include "base/snapshot.h"
#include "serve/schema_cache.h"

/* How the database is asked: as schema_cache_select(), with a context. */
typedef struct {
    query_result_t (*select)(void *context, apr_pool_t *pool,
                             schema_cache_sql_t make_sql, const void *data,
                             int columns, db_rows_t *rows, const char **why);
    void *context;
} ca_set_database_t;

/* Where authorities live on from one cas to the next. */
typedef struct ca_set_cache_t ca_set_cache_t;

/* In pool, which every cas taken with it must not outlive. */
ca_set_cache_t *ca_set_cache(apr_pool_t *pool);

typedef struct {
    ca_set_database_t database;
    const config_t *config;
    const credentials_t *pair;
    snapshot_t *pair_place;            /* that holds the pair; NULL: it lives
                                        * as long as memory */
    const unsigned char *token_secret; /* as in authority_means_t */
    ca_set_cache_t *memory;            /* used by one thread at a time */
    apr_time_t now;
} ca_set_source_t;

/* Not written once taken. */
typedef struct {
    apr_array_header_t *authorities; /* const authority_t * */
    apr_hash_t *index;
    apr_time_t taken_at;
    int waits; /* a CA goes on with the signer it had
                * before; the new may still do */
    /* Faults of single CAs, for the log: */
    apr_array_header_t *unreadable; /* const char *: why not */
    apr_array_header_t *outdated;   /* const char *: why a CA goes on with
                                     * the signer it had before */
} ca_set_t;

/* Takes a cas of the CAs that the settings mean, in pool, which the pair
 * must outlive. One row that is bad harms no other. NULL with *result: OK when
 * settings and rows do not go together (*at is where the directive at fault
 * stands), or the database's own failure. *why is in pool. */
const ca_set_t *ca_set_load(apr_pool_t *pool, const ca_set_source_t *source,
                            query_result_t *result, const config_place_t **at,
                            const char **why);

/* Those of its CAs (const authority_t *) that a CertID names: several,
 * where one was renewed with the same name and key. NULL: none. */
const apr_array_header_t *ca_set_find(const ca_set_t *cas,
                                      const request_certid_t *certid);

#endif
