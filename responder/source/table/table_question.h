/* SPDX-License-Identifier: Apache-2.0
 * What was asked of a table, and which of its rows that is about. */
#ifndef RESPONDER_TABLE_QUESTION_H
#define RESPONDER_TABLE_QUESTION_H

#include "apr_pools.h"
#include "base/bytes.h"
#include "base/zone.h"
#include "source/table/table_ca.h"
#include "source/table/table_description.h"

typedef struct {
    const table_t *table;
    const table_ca_facts_t *ca;
    const char *ca_value; /* what the table's column for the CA has; NULL where
                           * none is compared */
    const zone_t *zone;   /* of wall clocks; NULL: UTC */
    bytes_t serial;       /* magnitude without leading zero bytes */
    int wants_cert_hash;
} table_question_t;

/* A row's serial, a magnitude as the question's, whose own is not read. In
 * pool; data NULL when there is none that can be read. */
bytes_t table_question_serial(const table_question_t *question,
                              apr_pool_t *pool, const char *const *row);

/* What a row's column for the certificate has: DER, or a hash. In pool; data
 * NULL when there is none that can be read. */
bytes_t table_question_certificate(const table_question_t *question,
                                   apr_pool_t *pool, const char *const *row);

/* 1: it is the row that was asked for, 0: another, -1: there is no telling,
 * with *why in pool. */
int table_question_is_about(const table_question_t *question, apr_pool_t *pool,
                            const char *const *row, const char **why);

#endif
