/* SPDX-License-Identifier: Apache-2.0
 * CAs, keys and certificates out of the rows that schema.h's queries find;
 * status_rows.h reads those of a status. */
#ifndef RESPONDER_ROWS_H
#define RESPONDER_ROWS_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "base/bytes.h"
#include "base/zone.h"
#include "source/django_ca/schema.h"

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

/* A row of what schema_presigned_query() found, whose times mean what
 * schema_zone() says. In pool. */
ocsp_responder_stored_t rows_presigned(apr_pool_t *pool, const char *const *row,
                                       const zone_t *zone);

#endif
