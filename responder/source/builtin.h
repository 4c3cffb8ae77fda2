/* SPDX-License-Identifier: Apache-2.0
 * The sources that come with this module. */
#ifndef RESPONDER_BUILTIN_H
#define RESPONDER_BUILTIN_H

#include "httpd.h"
#include "mod_ocsp_responder.h"

/* "django-ca": the tables of a django-ca site through mod_dbd. */
extern const ocsp_responder_source_t django_ca_source;

/* "crl": certificate revocation lists in files. */
extern const ocsp_responder_source_t crl_source;

/* "index": the database of `openssl ca`, a text file for each CA. */
extern const ocsp_responder_source_t index_source;

/* "sql": any CA's table, as <OCSPResponderTable> describes it. */
extern const ocsp_responder_source_t table_source;

/* Why a source cannot find a CA that is revoked for no reason. */
#define BUILTIN_TELLS_NO_CAS \
    "nothing tells which of the certificates revoked for no reason are CAs'"

/* Prints the queries that "sql" asks, for httpd -t -D DUMP_OCSP: a hook of
 * test_config. */
void table_dump(apr_pool_t *pool, server_rec *server);

/* Adds them as other modules add theirs. Call where hooks are registered. */
void builtin_register_hooks(void);

#endif
