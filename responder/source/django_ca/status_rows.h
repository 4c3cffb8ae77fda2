/* SPDX-License-Identifier: Apache-2.0
 * One certificate's status out of the rows that schema_status_query() found. */
#ifndef RESPONDER_STATUS_ROWS_H
#define RESPONDER_STATUS_ROWS_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "base/bytes.h"
#include "base/zone.h"
#include "source/django_ca/schema.h"

/* What the rows were asked for. */
typedef struct {
    const schema_t *schema;
    const char *ca_serial;  /* as serial_parse() has it */
    const char *serial;     /* likewise */
    bytes_t ca_certificate; /* DER; of other rows with its serial none counts */
    int ca_self_issued;     /* the CA's own row answers for its own serial */
    int wants_cert_hash;    /* the rows have whole certificates */
    const zone_t *zone;     /* what times mean on engines that store none; NULL
                             * for UTC */
} status_rows_question_t;

/* Reads the status out of what schema_status_query() found. A row counts only
 * when it belongs to the CA and the serial inside its certificate is the one
 * asked for. FAILED where rows contradict themselves or each other, the CA has
 * none, or the tables have changed since they were recognised: *status is left
 * as it was then, and *why, in pool, names the certificate. */
ocsp_responder_lookup_t status_rows_read(ocsp_responder_status_t *status,
                                         apr_pool_t *pool,
                                         const status_rows_question_t *question,
                                         db_rows_t rows, const char **why);

/* The id of the CA that has the serial of the one that is asked for, but
 * another certificate: another CA, or the same with a new one. NULL: there is
 * none. */
const char *status_rows_other_ca(
    apr_pool_t *pool, const status_rows_question_t *question, db_rows_t rows);

#endif
