/* SPDX-License-Identifier: Apache-2.0
 * django-ca's tables, per release and engine: which they are, and SQL. */
#ifndef RESPONDER_SCHEMA_H
#define RESPONDER_SCHEMA_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "db/dialect.h"
#include "base/zone.h"
#include "db/result.h"

/* The tables of certificates and of CAs. */
#define TABLE_CERTIFICATES "django_ca_certificate"
#define TABLE_AUTHORITIES  "django_ca_certificateauthority"

typedef struct schema_t schema_t;

/* How many columns the query of columns has. */
#define SCHEMA_COLUMNS_WIDTH 3

/* Recognises a schema in the rows that columns_query() found. NULL when it
 * is not django-ca's, with *why in pool, which names the missing table or
 * column. The schema lives in pool and does not change. */
const schema_t *schema_recognise(apr_pool_t *pool, const dialect_t *dialect,
                                 db_rows_t columns, const char **why);

/* That of its queries. Static. */
const dialect_t *schema_dialect(const schema_t *schema);

/* zone, or NULL when the engine's timestamps are instants already. */
const zone_t *schema_zone(const schema_t *schema, const zone_t *zone);

/* -- queries; status_rows.h and rows.h read what they find ----------------- */

/* The one query for a CertID; answers leaf certificates and child CAs alike.
 * ca_serial and serial are as serial_parse() returns them. whole: with the
 * certificates, and not only the part that tells their serials. In pool. */
db_query_t schema_status_query(apr_pool_t *pool, const schema_t *schema,
                               const char *ca_serial, const char *serial,
                               int whole);

/* Its columns: which of these a row is, … */
#define SCHEMA_ROW_LEAF  "leaf"
#define SCHEMA_ROW_CA    "ca"    /* the CA itself is among them */
#define SCHEMA_ROW_ADDED "added" /* a column has come; all else is NULL */

/* … and what it says. Times are as calendar_read() takes them. */
enum {
    SCHEMA_STATUS_KIND = 0,
    SCHEMA_STATUS_ID,          /* only a CA's */
    SCHEMA_STATUS_ISSUER,      /* id of the CA above; a root's is its own */
    SCHEMA_STATUS_CERTIFICATE, /* hex of it, or of its first bytes */
    SCHEMA_STATUS_REVOKED,     /* "0" or "1" */
    SCHEMA_STATUS_REASON,
    SCHEMA_STATUS_REVOKED_AT,
    SCHEMA_STATUS_CREATED_AT,
    SCHEMA_STATUS_COMPROMISED_AT,
    SCHEMA_STATUS_END, /* only a CA's: hex of its certificate's last bytes */
    SCHEMA_STATUS_WIDTH
};

/* Whether one of the rows is SCHEMA_ROW_ADDED. No other query finds such. */
int schema_has_changed(db_rows_t rows);

/* What follows is asked with a text, each as a query that schema_cache_query()
 * makes.
 *
 * Lists the CAs that can be meant by ca, the argument of OCSPResponderCA, as a
 * serial or a name. */
db_query_t schema_authorities_query(apr_pool_t *pool, const schema_t *schema,
                                    const void *ca);

/* Lists all CAs, so many at a time, as their rows are long: those whose id is
 * greater than after, by id. after NULL: the first. */
#define SCHEMA_AUTHORITIES_PAGE 500
db_query_t schema_all_authorities_query(
    apr_pool_t *pool, const schema_t *schema, const void *after);

/* The same, with no more of each certificate than its last bytes, which are its
 * signature's: enough to tell whether it is the one that is known. */
db_query_t schema_known_authorities_query(
    apr_pool_t *pool, const schema_t *schema, const void *after);

/* The CA with that id, likewise. */
db_query_t schema_authority_query(apr_pool_t *pool, const schema_t *schema,
                                  const void *id);

/* Lists the certificates, a CA's own too, that may have a serial. serial is
 * as serial_parse() returns it. */
db_query_t schema_certificate_query(apr_pool_t *pool, const schema_t *schema,
                                    const void *serial);

/* The columns of all four, of certificates only the first. Text is hex of its
 * UTF-8, so that no connection's character set can change it. */
enum {
    SCHEMA_CERTIFICATE_SERIAL = 0, /* as stored */
    SCHEMA_CERTIFICATE_PUB,        /* hex of the PEM or DER */
    SCHEMA_CERTIFICATE_WIDTH
};
enum {
    SCHEMA_AUTHORITIES_ID = SCHEMA_CERTIFICATE_WIDTH,
    SCHEMA_AUTHORITIES_NAME,     /* hex */
    SCHEMA_AUTHORITIES_CN,       /* hex */
    SCHEMA_AUTHORITIES_VALIDITY, /* seconds; NULL before 1.26 */
    SCHEMA_AUTHORITIES_REVISION, /* what changes with … (DIALECT_REVISION) */
    SCHEMA_AUTHORITIES_OPTIONS,  /* hex of JSON; NULL in lists, before 2.1 */
    SCHEMA_AUTHORITIES_ENABLED,  /* 0 or 1; NULL if it may not be read */
    SCHEMA_AUTHORITIES_WIDTH
};

/* In place of the hex: the options may not be read. */
#define SCHEMA_FORBIDDEN "-"

/* Lists the answers that django-ca has signed beforehand for the certificates
 * that may have a serial: since 3.1, before that there are none. */
db_query_t schema_presigned_query(apr_pool_t *pool, const schema_t *schema,
                                  const void *serial);

enum {
    SCHEMA_PRESIGNED_RESPONSE = 0, /* hex */
    SCHEMA_PRESIGNED_EXPIRES,      /* as calendar_read() takes it */
    SCHEMA_PRESIGNED_WIDTH
};

#endif
