/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t finds of a table that <OCSPResponderTable> describes. */
#ifndef RESPONDER_TABLE_CHECK_H
#define RESPONDER_TABLE_CHECK_H

#include "mod_ocsp_responder.h"
#include "db/database.h"
#include "source/table/table_row.h"

/* A table, as it is asked about one CA. */
typedef struct {
    server_rec *server;
    const database_settings_t *database;
    table_question_t question; /* but for a serial */
} table_check_t;

/* Reports a table that cannot be asked, and what is wrong with its first rows,
 * or with those that are revoked in the future. */
void table_check(const table_check_t *check, const ocsp_responder_call_t *call,
                 const ocsp_responder_reporter_t *reporter);

#endif
