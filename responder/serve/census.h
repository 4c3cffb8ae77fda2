/* SPDX-License-Identifier: Apache-2.0
 * The CAs that a responder answers for, as the database has them at one time,
 * to be found by what a CertID says of them. */
#ifndef RESPONDER_CENSUS_H
#define RESPONDER_CENSUS_H

#include "apr_hash.h"
#include "apr_tables.h"

#include "db/dbd.h"
#include "serve/authority.h"
#include "ocsp/request.h"
#include "source/django_ca/schema.h"
#include "base/shared.h"
#include "serve/tables.h"

/* How the database is asked: as tables_select(), with a context. */
typedef struct {
    dbd_result_t (*select)(void *context, apr_pool_t *pool,
                           tables_sql_t make_sql, const void *data, int columns,
                           schema_rows_t *rows, const char **why);
    void *context;
} census_database_t;

/* Where authorities live on from one census to the next. */
typedef struct census_memory_t census_memory_t;

/* In pool, which every census taken with it must not outlive. */
census_memory_t *census_memory(apr_pool_t *pool);

typedef struct {
    census_database_t database;
    const config_t *config;
    const credentials_t *pair;
    shared_t *pair_place;               /* that holds the pair; NULL: it lives
                                         * as long as memory */
    const char *token_why;              /* as in authority_means_t */
    const unsigned char *token_secret;  /* as in authority_means_t */
    census_memory_t *memory;            /* used by one thread at a time */
    apr_time_t now;
} census_source_t;

/* Not written once taken. */
typedef struct {
    apr_array_header_t *authorities;    /* const authority_t * */
    apr_hash_t *index;
    apr_time_t taken_at;
    int waits;                          /* a CA goes on with the signer it had
                                         * before; the new may still do */
    /* Faults of single CAs, for the log: */
    apr_array_header_t *unreadable;     /* const char *: why not */
    apr_array_header_t *outdated;       /* const char *: why a CA goes on with
                                         * the signer it had before */
} census_t;

/* Takes a census of the CAs that the settings mean, in pool, which the pair
 * must outlive. One row that is bad harms no other. NULL with *result: OK when
 * settings and rows do not go together (*at is where the directive at fault
 * stands), or the database's own failure. *why is in pool. */
const census_t *census_take(apr_pool_t *pool, const census_source_t *source,
                            dbd_result_t *result, const config_place_t **at,
                            const char **why);

/* Those of its CAs (const authority_t *) that a CertID names: several,
 * where one was renewed with the same name and key. NULL: none. */
const apr_array_header_t *census_find(const census_t *census,
                                      const request_certid_t *certid);

#endif
