/* SPDX-License-Identifier: Apache-2.0
 * Values of a table's columns, as its database sends them: text. */
#ifndef RESPONDER_TABLE_VALUE_H
#define RESPONDER_TABLE_VALUE_H

#include "apr_pools.h"
#include "apr_time.h"
#include "base/bytes.h"
#include "base/zone.h"
#include "source/table/table_description.h"

/* The value of a column: text, in pool; NULL where there is no such column, it
 * is NULL, a value that means none, or not in the JSON. bytea, which PostgreSQL
 * sends as "\x…", is text too. */
const char *table_value_text(apr_pool_t *pool, const table_column_t *column,
                             const char *sent);

/* Reads a time, whole seconds in microseconds. zone is the wall clock's. 0 when
 * it is none. */
int table_value_time(const char *text, table_time_t form, const zone_t *zone,
                     apr_time_t *time);

/* Reads a CRLReason: a number or a word, with or without "_" and in any case.
 * -1 when it is none. */
int table_value_reason(const char *text);

/* Reads a serial into a magnitude without leading zero bytes, in pool; data
 * NULL when it is none. Bytes are sent in hex. */
bytes_t table_value_serial(apr_pool_t *pool, const char *text,
                           table_serial_t form);

/* As above, of a certificate in DER (data may be NULL). */
bytes_t table_value_serial_in(apr_pool_t *pool, bytes_t certificate);

/* The DER of a certificate, or the hash, whichever the column has. In pool;
 * data NULL when it cannot be read. */
bytes_t table_value_certificate(apr_pool_t *pool, const char *text,
                                table_certificate_t form);

#endif
