/* SPDX-License-Identifier: Apache-2.0
 * What the rows that schema.h's queries find say. */
#ifndef RESPONDER_ROWS_H
#define RESPONDER_ROWS_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "base/bytes.h"
#include "source/django_ca/schema.h"
#include "base/zone.h"

/* -- one certificate's status ---------------------------------------------- */

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
} rows_question_t;

/* Reads the status out of what schema_status_query() found. A row counts only
 * when it belongs to the CA and the serial inside its certificate is the one
 * asked for. FAILED where rows contradict themselves or each other, the CA has
 * none, or the tables have changed since they were recognised: *status is left
 * as it was then, and *why, in pool, names the certificate. */
ocsp_responder_lookup_t rows_status(ocsp_responder_status_t *status,
                                    apr_pool_t *pool,
                                    const rows_question_t *question,
                                    db_rows_t rows, const char **why);

/* The id of the CA that has the serial of the one that is asked for, but
 * another certificate: another CA, or the same with a new one. NULL: there is
 * none. */
const char *rows_other_ca(apr_pool_t *pool, const rows_question_t *question,
                          db_rows_t rows);

/* -- the CAs and single certificates --------------------------------------- */

/* Reads one row of what schema_all_authorities_query() and others found, into
 * pool. key_revision is never NULL. */
ocsp_responder_ca_t rows_ca(apr_pool_t *pool, const char *const *row);

/* Where django-ca has the key that signs a CA's answers. */
typedef struct {
    const char *stored;    /* the CA's serial as stored */
    const char *options;   /* JSON; NULL: not in the database … */
    int options_forbidden; /* … or not to be read */
    const char *revision;  /* of both, as the CA's key_revision */
} rows_key_t;

/* The same out of such a row, in pool but for the serial. */
rows_key_t rows_key(apr_pool_t *pool, const char *const *row);

/* Out of what schema_certificate_query() found, the PEM or DER of the row whose
 * certificate has that serial, or which is stored under that text. A true
 * serial wins, then a certificate that is not a CA's. data NULL with *why in
 * pool: none. */
bytes_t rows_certificate(apr_pool_t *pool, db_rows_t rows, const char *serial,
                         const char **why);

/* A row of what schema_presigned_query() found; zone as in rows_question_t,
 * after schema_zone(). In pool. */
ocsp_responder_stored_t rows_presigned(apr_pool_t *pool, const char *const *row,
                                       const zone_t *zone);

#endif
