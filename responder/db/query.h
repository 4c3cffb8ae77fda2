/* SPDX-License-Identifier: Apache-2.0
 * Queries through mod_dbd that always end: within a time limit, healed when a
 * pooled connection has died, and refused at once while the database is
 * away. */
#ifndef RESPONDER_QUERY_H
#define RESPONDER_QUERY_H

#include "apr_dbd.h"
#include "httpd.h"
#include "source/django_ca/schema.h"
#include "db/sqlite.h"

/* How long a request may wait for the database altogether. */
#define QUERY_LIMIT apr_time_from_msec(1500)

typedef enum {
    QUERY_REFUSED = 0, /* the database answered with an error */
    QUERY_UNAVAILABLE, /* no connection, or no answer in time */
    QUERY_OK
} query_result_t;

/* Finds mod_dbd's functions. Call once the configuration is read; 0 when
 * mod_dbd is not loaded. */
int query_find_functions(void);

/* The instant until which r may wait for the database: the same however often
 * and for whatever r asks it. */
apr_time_t query_deadline(request_rec *r);

/* Runs one SELECT of the given width; the rows live in pool. deadline, an
 * instant, is when the caller's patience ends. On any other result than OK *why
 * is in pool. The connection is given back before it returns. Kept prepared on
 * each connection, where query has a form for that. */
query_result_t query_run(server_rec *server, apr_pool_t *pool,
                         const schema_query_t *query, int columns,
                         apr_time_t deadline, schema_rows_t *rows,
                         const char **why);

/* The same for one that is asked once in a while. */
query_result_t query_select(server_rec *server, apr_pool_t *pool,
                            const char *sql, int columns, apr_time_t deadline,
                            schema_rows_t *rows, const char **why);

/* Whether server's database, an SQLite file, is now in that state. 0 when it is
 * not, or cannot be asked. */
int query_is_unchanged(server_rec *server, const sqlite_state_t *state,
                       apr_time_t deadline);

#endif
