/* SPDX-License-Identifier: Apache-2.0
 * SQLite's own prepared statements, as mod_dbd's are of the kind that fails for
 * ever once the tables have changed, and copies every row twice; and whether
 * anything was written since. */
#ifndef RESPONDER_SQLITE_H
#define RESPONDER_SQLITE_H

#include "apr_pools.h"
#include "source/django_ca/schema.h"
#include "db/sqlite_file.h"

/* The state of a database: its file, and the beginning of that. SQLite writes
 * another change counter there with every transaction, before that counts as
 * committed; by this it tells itself whether pages that it holds are still
 * true. */
#define SQLITE_HEADER 96 /* octets, the change counter's copy included */

typedef struct sqlite_state_t {
    sqlite_file_t file;
    unsigned char header[SQLITE_HEADER];
} sqlite_state_t;

/* Whether two are one. */
int sqlite_state_is(const sqlite_state_t *one, const sqlite_state_t *other);

/* Reads the header while nobody writes. 0 when somebody does, or when it cannot
 * tell of changes: with a write-ahead log, they are elsewhere. Only while
 * nobody else uses the connection. */
int sqlite_read_state(void *connection, sqlite_state_t *state);

/* Finds the library behind mod_dbd's driver, to which this module is not
 * linked. Call once per process; without it, nothing can be prepared. */
void sqlite_find_functions(void);

/* Whether the file of a connection, which is SQLite's own handle, was renamed,
 * removed or replaced since it was opened. */
int sqlite_has_moved(void *connection);

/* A statement of a connection; NULL when it cannot be prepared. */
void *sqlite_prepare(void *connection, const char *sql);

/* Runs it, with a text for each placeholder; the rows, of the width set in
 * *rows, live in pool, and rows->state, of which the file is left to be filled
 * in. 1, or 0 on any error; either way it holds no lock afterwards. Only while
 * nobody else uses the connection. */
int sqlite_run(void *connection, void *statement, apr_pool_t *pool,
               const schema_query_t *query, schema_rows_t *rows);

/* Ends it; before its connection is closed. */
void sqlite_finalize(void *statement);

#endif
