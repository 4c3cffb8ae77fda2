/* SPDX-License-Identifier: Apache-2.0
 * Queries that are kept prepared on each connection, where that can be. */
#ifndef RESPONDER_PREPARED_H
#define RESPONDER_PREPARED_H

#include "apr_dbd.h"
#include "httpd.h"
#include "mod_dbd.h"
#include "db/executor.h"
#include "db/result.h"

/* Runs a query; what it found, as text, lives in pool: rows of the given width.
 * It is kept prepared on the connection, and run as text where that fails for
 * whatever reason: it then succeeds, or fails with apr_dbd's error, 0 for none.
 * Only while nobody else uses the connection. */
int prepared_run(ap_dbd_t *dbd, apr_pool_t *pool, const db_query_t *query,
                 int columns, db_rows_t *rows);

/* Tries to run a query, in bounded time and without a word to mod_dbd, that is
 * prepared on the connection already; *rows, in pool, when it is done. While it
 * is pending, only prepared_finish() may follow. */
executor_tried_t prepared_try(ap_dbd_t *dbd, apr_pool_t *pool,
                              const db_query_t *query, int columns,
                              apr_time_t deadline, db_rows_t *rows);

/* Waits, as long as it takes, for the end of what is pending. Returns 1 when
 * the database has answered. */
int prepared_finish(ap_dbd_t *dbd);

/* Forgets what is kept for a connection; before its handle is closed or put out
 * of use while its pool lives on. */
void prepared_forget(ap_dbd_t *dbd);

#endif
