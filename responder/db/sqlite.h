/* SPDX-License-Identifier: Apache-2.0
 * SQLite's own prepared statements, as mod_dbd's are of the kind that fails for
 * ever once the tables have changed, and copies every row twice. */
#ifndef RESPONDER_SQLITE_H
#define RESPONDER_SQLITE_H

#include "apr_pools.h"
#include "db/result.h"

/* Finds the library behind mod_dbd's driver, to which this module is not
 * linked. Call once per process; without it, nothing can be prepared. */
void sqlite_find_functions(void);

/* Whether the file of a connection, which is SQLite's own handle, was renamed,
 * removed or replaced since it was opened. */
int sqlite_has_moved(void *connection);

/* A statement of a connection; NULL when it cannot be prepared. */
void *sqlite_prepare(void *connection, const char *sql);

/* Runs it, with a text for each placeholder; the rows, of the width set in
 * *rows, live in pool. 1, or 0 on any error; either way it holds no lock
 * afterwards. Only while nobody else uses the connection. */
int sqlite_run(void *statement, apr_pool_t *pool, const db_query_t *query,
               db_rows_t *rows);

/* Ends it; before its connection is closed. */
void sqlite_finalize(void *statement);

#endif
