/* SPDX-License-Identifier: Apache-2.0
 * The database of a source that asks mod_dbd's: what httpd -t finds of it,
 * whatever its tables are. */
#ifndef RESPONDER_SQL_DATABASE_H
#define RESPONDER_SQL_DATABASE_H

#include "httpd.h"
#include "mod_ocsp_responder.h"
#include "db/database.h"
#include "db/query.h"

/* Reads what mod_dbd was told for server. NULL, or what is wrong with it, in
 * pool, and *fault_at, which of its directives is. */
const char *sql_database_settings(apr_pool_t *pool, server_rec *server,
                                  database_settings_t *settings,
                                  const char **fault_at);

/* What a look-up is whose query ended so. */
ocsp_responder_lookup_t sql_database_lookup(query_result_t result);

/* Reports an SQLite file that cannot be used, before it is opened. table: one
 * that an empty file lacks. 0: it was reported, so nothing can be asked. */
int sql_database_check_file(const database_settings_t *settings,
                            const char *table,
                            const ocsp_responder_call_t *call,
                            const ocsp_responder_reporter_t *reporter);

/* Reports a replica, sessions that begin in a transaction, and an SQLite log
 * that others may not write. */
void sql_database_check_sessions(const ocsp_responder_call_t *call,
                                 const ocsp_responder_reporter_t *reporter);

/* Reports why a query failed: where the server is, or which rights may be
 * missing. tables: their names, as GRANT takes them. */
void sql_database_report(const database_settings_t *settings,
                         const char *tables, query_result_t result,
                         const char *why, const ocsp_responder_call_t *call,
                         const ocsp_responder_reporter_t *reporter);

#endif
