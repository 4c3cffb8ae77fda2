/* SPDX-License-Identifier: Apache-2.0
 * What a query is, and what becomes of it. */
#ifndef RESPONDER_RESULT_H
#define RESPONDER_RESULT_H

#include "apr_tables.h"

/* A SELECT. */
typedef struct {
    const char *text;             /* with a "?" for each argument; one in a
                                   * string or a quoted name is none */
    int columns;                  /* that its rows have */
    const char *const *arguments; /* text, or NULL for SQL NULL */
    int count;                    /* of them */
    int is_kept;                  /* asked again and again: worth being kept
                                   * prepared on each connection */
} db_query_t;

/* What it found. A row is an array of columns; NULL is SQL NULL. Rows live with
 * whoever ran the query. */
typedef struct {
    const char *const *const *rows;
    int count;
    int columns;
} db_rows_t;

typedef enum {
    QUERY_REFUSED = 0, /* the database answered with an error, on a sound
                        * connection: its tables may have changed */
    QUERY_UNAVAILABLE, /* no connection */
    QUERY_LATE,        /* no answer in time, or it is not asked, as there was
                        * none a moment ago, or the database cannot: this
                        * passes, as a lock does */
    QUERY_OK
} query_result_t;

/* -- for those who make rows ----------------------------------------------- */

/* A list of rows to be filled, in pool. */
apr_array_header_t *result_begin(apr_pool_t *pool);

/* A column of the row that source is at, and its length in bytes; NULL for SQL
 * NULL. It need not last longer than until the next call. */
typedef const char *(*result_column_t)(void *source, int row, int column,
                                       apr_size_t *length);

/* Adds a copy of a row of so many columns, as bytes_text() makes text. */
void result_add(apr_array_header_t *list, int columns, result_column_t column,
                void *source, int row);

/* The rows of a list. */
db_rows_t result_rows(const apr_array_header_t *list, int columns);

#endif
