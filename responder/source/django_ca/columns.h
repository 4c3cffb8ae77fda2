/* SPDX-License-Identifier: Apache-2.0
 * The columns of django-ca's tables: what each release has of them, and what a
 * database has. */
#ifndef RESPONDER_COLUMNS_H
#define RESPONDER_COLUMNS_H

#include "apr_pools.h"
#include "source/django_ca/schema.h"

/* The query for the columns of both tables: table, column, type, named tab,
 * col, typ. In pool. */
const char *columns_query(apr_pool_t *pool, const dialect_t *dialect);

/* columns, here and below, is what that query found. */

/* The type of a column; NULL: there is no such column. */
const char *columns_type(db_rows_t columns, const char *table,
                         const char *name);

/* Whether a type is one of text: "text", "longtext". NULL is none. */
int columns_is_text(const char *type);

/* What is wrong with them, in pool: a column that the module cannot do without
 * is missing or may not be read. NULL: nothing. */
const char *columns_fault(apr_pool_t *pool, db_rows_t columns);

/* Whether serials may be stored with colons between their digits. */
int columns_have_colons(db_rows_t columns);

/* The columns that may come, as a condition on what the query of columns
 * finds; in pool. "" when none can. */
const char *columns_missing(apr_pool_t *pool, db_rows_t columns);

#endif
