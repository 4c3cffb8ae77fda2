/* SPDX-License-Identifier: Apache-2.0
 * What SQLite, PostgreSQL and MariaDB (or MySQL) each call the same thing. */
#ifndef RESPONDER_DIALECT_H
#define RESPONDER_DIALECT_H

#include "apr_pools.h"

/* The tables of certificates and of CAs. */
#define TABLE_CERTIFICATES "django_ca_certificate"
#define TABLE_AUTHORITIES  "django_ca_certificateauthority"

/* In the place of a column's type: it is there and may not be read. */
#define DIALECT_FORBIDDEN "forbidden"

/* Ways to write a column, or hex, as an expression. All results but the one of
 * the condition are text. */
typedef enum {
    DIALECT_TEXT = 0,    /* a number or text */
    DIALECT_FLAG,        /* "0" or "1" of a truth value; never one of
                          * them of anything else */
    DIALECT_IS_SET,      /* a condition: whether a flag is */
    DIALECT_TIME,        /* as calendar_read() takes it, not rounded */
    DIALECT_HEX,         /* hex of bytes */
    DIALECT_HEX_OF_PEM,  /* hex of PEM, which is text */
    DIALECT_HEX_OF_TEXT, /* hex of any text's UTF-8 */
    DIALECT_TEXT_OF_HEX, /* the other way; of digits, not a column */
    DIALECT_REVISION,    /* of text, what changes with it: a digest, or the text
                          * itself where the engine has none */
    DIALECT_WAYS
} dialect_way_t;

typedef struct {
    const char *driver; /* mod_dbd's name for it */
    int joins;          /* a query that is kept prepared joins a table of
                         * its arguments, as it would make one for IN (…)
                         * each time */
    int has_instants;   /* its times are UTC, not a site's wall clock */
    const char *ways[DIALECT_WAYS]; /* with '?' for the column */
    const char *columns; /* query for the columns of both tables: table,
                          * column, type, named tab, col, typ */
} dialect_t;

/* The engine of a driver; NULL: not supported. Static. */
const dialect_t *dialect_find(const char *driver);

/* Every driver's name, for messages. Static. */
const char *dialect_names(void);

/* column, in one of the ways. In pool. */
const char *dialect_write(apr_pool_t *pool, const dialect_t *engine,
                          dialect_way_t way, const char *column);

/* What follows FROM: the rows of a table with one of so many serials, each a
 * placeholder. In pool. */
const char *dialect_rows(apr_pool_t *pool, const dialect_t *engine,
                         const char *table, int count);

#endif
