/* SPDX-License-Identifier: Apache-2.0
 * One query on one connection, with whatever a driver gets wrong about it put
 * right. */
#ifndef RESPONDER_PLAIN_H
#define RESPONDER_PLAIN_H

#include "apr_dbd.h"
#include "source/django_ca/schema.h"

/* Runs a SELECT and copies what it finds, as text, into pool: rows of the given
 * width. Returns apr_dbd's error, 0 for none. */
int plain_run(const apr_dbd_driver_t *driver, apr_dbd_t *handle,
              apr_pool_t *pool, const char *sql, int columns,
              schema_rows_t *rows);

/* A query's text, with the serials in it; in pool. */
const char *plain_text(apr_pool_t *pool, const schema_query_t *query);

#endif
