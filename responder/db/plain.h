/* SPDX-License-Identifier: Apache-2.0
 * One query on one connection, with whatever a driver gets wrong about it put
 * right. */
#ifndef RESPONDER_PLAIN_H
#define RESPONDER_PLAIN_H

#include "apr_dbd.h"
#include "db/result.h"

/* Runs a query and copies what it finds, as text, into pool. Returns apr_dbd's
 * error, 0 for none. */
int plain_run(const apr_dbd_driver_t *driver, apr_dbd_t *handle,
              apr_pool_t *pool, const db_query_t *query, db_rows_t *rows);

#endif
