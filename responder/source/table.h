/* SPDX-License-Identifier: Apache-2.0
 * The source "sql": statuses out of any CA's table, as <OCSPResponderTable>
 * describes it. */
#ifndef RESPONDER_TABLE_H
#define RESPONDER_TABLE_H

#include "httpd.h"
#include "mod_ocsp_responder.h"

extern const ocsp_responder_source_t table_source;

/* Prints the queries that are asked, for httpd -t -D DUMP_OCSP: a hook of
 * test_config. */
void table_dump(apr_pool_t *pool, server_rec *server);

#endif
