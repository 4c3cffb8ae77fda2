/* SPDX-License-Identifier: Apache-2.0
 * The query for one certificate, in the words of each database. */
#ifndef RESPONDER_TABLE_QUERY_H
#define RESPONDER_TABLE_QUERY_H

#include "apr_pools.h"
#include "base/bytes.h"
#include "db/result.h"
#include "mod_ocsp_responder.h"
#include "source/table/table_description.h"

/* Its columns. */
enum {
    TABLE_QUERY_SERIAL = 0,
    TABLE_QUERY_STATUS,
    TABLE_QUERY_REASON,
    TABLE_QUERY_REVOKED_AT,
    TABLE_QUERY_INVALID_AT,
    TABLE_QUERY_CERTIFICATE,
    TABLE_QUERY_CA,          /* NULL where none is compared */
    TABLE_QUERY_SERIAL_KIND, /* DIALECT_KIND of a serial in hex, or that of
                              * bytes; else NULL */
    TABLE_QUERY_WIDTH
};

/* At most so many rows are found for one serial, of which one may be the CA's.
 * Where as many are, there may be more. */
#define TABLE_QUERY_ROWS 100

/* Longer serials, in bytes, no CA gives (RFC 5280 §4.1.2.2: 20), and to spell
 * them in decimal takes long: they are unknown. */
#define TABLE_QUERY_SERIAL_LENGTH 64

/* Makes the query for a serial, a magnitude without leading zero bytes. ca is
 * what the table's column for the CA has; NULL where none is compared.
 * wants_certificate: that column is of use; else it is NULL. In pool.
 * driver, here and below, is one that dialect_find() knows. */
db_query_t table_query_make(apr_pool_t *pool, const table_t *table,
                            const char *driver, bytes_t serial, const char *ca,
                            int wants_certificate);

/* At most so many rows are looked through for one that a profile objects to. */
#define TABLE_QUERY_OBJECTIONS 1000

/* Makes the query for rows of a CA's that may be revoked for what a profile
 * objects to, or for any where hashes are missed, certificates with them:
 * table_row_objection() judges them. */
db_query_t table_query_objections(apr_pool_t *pool, const table_t *table,
                                  const char *driver, const char *ca,
                                  ocsp_responder_objection_t what);

/* At most so many rows are looked at before the start. */
#define TABLE_QUERY_SAMPLE 1000

/* Makes the query for any of a CA's rows, certificates with them. */
db_query_t table_query_sample(apr_pool_t *pool, const table_t *table,
                              const char *driver, const char *ca);

/* … and for those that may be revoked later than a time, give or take what
 * zones are apart. */
db_query_t table_query_later(apr_pool_t *pool, const table_t *table,
                             const char *driver, const char *ca,
                             apr_time_t time);

#endif
