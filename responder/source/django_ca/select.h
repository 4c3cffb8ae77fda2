/* SPDX-License-Identifier: Apache-2.0
 * The SELECTs on django-ca's tables, of the columns that a database has; their
 * conditions are schema.c's. All are in the maker's pool. */
#ifndef RESPONDER_SELECT_H
#define RESPONDER_SELECT_H

#include "apr_pools.h"
#include "db/dialect.h"
#include "db/result.h"

/* What they are made from. */
typedef struct {
    apr_pool_t *pool;
    const dialect_t *dialect;
    db_rows_t columns; /* what columns_query() found */
} select_maker_t;

/* Status rows of leaf certificates, and of CAs; each ends in FROM. whole: with
 * certificates, not only what tells their serials. */
const char *select_leaf_status(const select_maker_t *maker, int whole);
const char *select_ca_status(const select_maker_t *maker, int whole);

/* To be added to them: a row for each column that an upgrade has brought since.
 * "" where none can come. */
const char *select_added(const select_maker_t *maker);

/* CAs, with all that is said of them. */
typedef enum {
    SELECT_CA = 0,    /* with the options of its key */
    SELECT_CA_LISTED, /* … with their revision alone */
    SELECT_CA_KNOWN   /* … and only the end of its certificate */
} select_ca_t;
const char *select_authority(const select_maker_t *maker, select_ca_t what);

/* A table's certificates. */
const char *select_certificate(const select_maker_t *maker, const char *table);

/* A table's answers that are signed beforehand; ends in "serial IN (". NULL:
 * there are none, or they may not be read. */
const char *select_presigned(const select_maker_t *maker, const char *table);

#endif
