/* SPDX-License-Identifier: Apache-2.0
 * What the rows that schema.h's queries find say. */
#ifndef RESPONDER_ROWS_H
#define RESPONDER_ROWS_H

#include "apr_pools.h"
#include "apr_tables.h"
#include "mod_ocsp_responder.h"
#include "base/bytes.h"
#include "source/django_ca/schema.h"
#include "base/zone.h"

/* -- one certificate's status ---------------------------------------------- */

typedef enum {
    ROWS_STATUS_BROKEN = 0, /* rows that contradict themselves or each
                             * other; *why tells */
    ROWS_STATUS_STALE,      /* the tables have changed since recognised */
    ROWS_STATUS_NO_CA,      /* the CA has no row (any more) */
    ROWS_STATUS_DONE
} rows_status_t;

/* Reads the status out of what schema_status_sql() found. A row counts only
 * when it belongs to the CA and the serial inside its certificate is the one
 * asked for. ca_self_issued: the CA's own row answers for its own serial. zone:
 * what times mean on engines that store none, NULL for UTC. On any other
 * result than DONE *status is left as it was and *why, in pool, names the
 * certificate. *warning, in pool, is set when the row is odd but its meaning is
 * safe ("it is revoked without …"), else NULL. */
rows_status_t rows_status(ocsp_responder_status_t *status, apr_pool_t *pool,
                          const schema_t *schema, db_rows_t rows,
                          const char *ca_serial, const char *serial,
                          int ca_self_issued, const zone_t *zone,
                          const char **warning, const char **why);

/* -- the CAs and single certificates --------------------------------------- */

typedef struct {
    const char *id;        /* the row's id, as text */
    const char *serial;    /* the true serial, out of the certificate */
    const char *stored;    /* the serial as stored */
    const char *name;      /* may be "" */
    const char *cn;        /* may be "" */
    bytes_t certificate;   /* PEM or DER */
    int validity;          /* of its answers, in seconds; 0: not said */
    const char *options;   /* JSON of where its responder key is; NULL: not
                            * in the database … */
    int options_forbidden; /* … or not to be read */
} rows_authority_t;

/* Reads one row of what schema_authorities_sql() found. 0, or -1 with *why in
 * pool. */
int rows_authority(rows_authority_t *authority, apr_pool_t *pool,
                   const char *const *row, const char **why);

/* The one of authorities (rows_authority_t) that ca means: by serial, true
 * or stored, else by name, else by cn. NULL with *why in pool when there is
 * none or more than one. */
const rows_authority_t *rows_choose(apr_pool_t *pool,
                                    const apr_array_header_t *authorities,
                                    const char *ca, const char **why);

/* Out of what schema_certificate_sql() found, the PEM or DER of the row whose
 * certificate has that serial, or which is stored under that text. A true
 * serial wins, then a certificate that is not a CA's. data NULL with *why in
 * pool: none. */
bytes_t rows_certificate(apr_pool_t *pool, db_rows_t rows, const char *serial,
                         const char **why);

#endif
