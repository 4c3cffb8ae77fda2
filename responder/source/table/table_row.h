/* SPDX-License-Identifier: Apache-2.0
 * What the rows that table_query_make()'s query finds say. */
#ifndef RESPONDER_TABLE_ROW_H
#define RESPONDER_TABLE_ROW_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "db/result.h"
#include "source/table/table_question.h"

/* Reads the status out of rows. One that cannot be read, that has a value of
 * no known meaning, or two for one serial: FAILED with *why, in pool. *status
 * is written when it is DONE; status->warning, in pool and without an id, is
 * set when the row is odd but its meaning safe. */
ocsp_responder_lookup_t table_row_status(
    const table_question_t *question, apr_pool_t *pool, const db_rows_t *rows,
    ocsp_responder_status_t *status, const char **why);

/* The serial of one of table_query_objections()' rows that is revoked for what
 * a profile objects to, as serial_text() writes it; NULL if none is. What
 * cannot be read is passed over; where rows have no certificates, all may be
 * CAs. The question's serial is not read. */
const char *table_row_objection(const table_question_t *question,
                                apr_pool_t *pool, const db_rows_t *rows,
                                ocsp_responder_objection_t what);

#endif
