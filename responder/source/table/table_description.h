/* SPDX-License-Identifier: Apache-2.0
 * A CA's table, as an <OCSPResponderTable> section describes it. */
#ifndef RESPONDER_TABLE_DESCRIPTION_H
#define RESPONDER_TABLE_DESCRIPTION_H

#include "apr_pools.h"
#include "apr_tables.h"

/* How a serial is stored. */
typedef enum {
    TABLE_SERIAL_UNSET = 0,
    TABLE_SERIAL_DECIMAL, /* text */
    TABLE_SERIAL_NUMERIC, /* a number of SQL's */
    TABLE_SERIAL_LOWER,   /* hex */
    TABLE_SERIAL_UPPER,
    TABLE_SERIAL_BYTES
} table_serial_t;

/* How a row says which CA it belongs to. */
typedef enum {
    TABLE_CA_UNSET = 0,
    TABLE_CA_ANY,            /* it does not: the table is of one CA */
    TABLE_CA_CERTIFICATE,    /* by its certificate: issuer and key identifier */
    TABLE_CA_ARGUMENT,       /* by what OCSPResponderSource says */
    TABLE_CA_SKI_HEX,        /* by the CA's subjectKeyIdentifier, … */
    TABLE_CA_SHA1_HEX,       /* the SHA-1 of its certificate, … */
    TABLE_CA_SHA1_BASE64URL, /* without padding */
    TABLE_CA_BASE64          /* … or its certificate */
} table_ca_t;

/* How a time is stored. */
typedef enum {
    TABLE_TIME_UNSET = 0,
    TABLE_TIME_SECONDS, /* since 1970 */
    TABLE_TIME_MILLISECONDS,
    TABLE_TIME_TIMESTAMP, /* SQL's, an instant; text that names no zone is of
                           * UTC */
    TABLE_TIME_DATETIME,  /* SQL's, a wall clock's: OCSPResponderTimeZone */
    TABLE_TIME_ASN1       /* text: YYYYMMDDHHMMSSZ */
} table_time_t;

/* How a certificate is stored, or its hash. */
typedef enum {
    TABLE_CERTIFICATE_UNSET = 0,
    TABLE_CERTIFICATE_PEM,
    TABLE_CERTIFICATE_BASE64,
    TABLE_CERTIFICATE_DER,
    TABLE_CERTIFICATE_SHA256_HEX,
    TABLE_CERTIFICATE_SHA256_BASE64
} table_certificate_t;

/* What a value of the status column means. */
typedef enum {
    TABLE_MEANS_NOTHING = 0,
    TABLE_MEANS_UNKNOWN, /* never issued */
    TABLE_MEANS_GOOD,
    TABLE_MEANS_REVOKED,
    TABLE_MEANS_BY_REASON /* revoked if there is a reason, else good */
} table_meaning_t;

typedef struct {
    const char *value; /* NULL for SQL NULL, "*" for any other */
    table_meaning_t meaning;
} table_value_t;

/* A column, or an expression; sql NULL: there is none. */
typedef struct {
    const char *sql;
    const char *json;         /* member of the JSON object in it; NULL: the
                               * value is the column's */
    apr_array_header_t *none; /* of const char *: texts that mean no value */
} table_column_t;

typedef struct {
    const char *name;
    const char *from; /* behind FROM: a table, or a join */
    table_column_t serial;
    table_serial_t serial_form;
    int serial_width; /* digits, with leading zeros; 0: none; -1: an even
                       * number */
    table_column_t ca;
    table_ca_t ca_form;
    table_column_t status;
    apr_array_header_t *values; /* of table_value_t */
    table_column_t reason;
    table_column_t revoked_at;
    table_time_t revoked_at_form;
    table_column_t invalid_at;
    table_time_t invalid_at_form;
    table_column_t certificate;
    table_certificate_t certificate_form;
    int absent_is_good; /* else it was never issued */
} table_t;

/* An empty description, in pool. */
table_t *table_description_create(apr_pool_t *pool, const char *name);

/* Takes a line of the section, a word and what follows it. NULL, or what is
 * wrong with it, in pool or static. */
const char *table_description_set(table_t *table, apr_pool_t *pool,
                                  const char *word, const char *text);

/* What a text in the status column means, NULL for SQL NULL: what the first
 * value that fits says; NOTHING if none does. */
table_meaning_t table_description_meaning(const table_t *table,
                                          const char *text);

/* Whether rows have certificates, and not their hashes alone. */
static inline int table_description_has_certificate(const table_t *table)
{
    return table->certificate_form >= TABLE_CERTIFICATE_PEM
        && table->certificate_form <= TABLE_CERTIFICATE_DER;
}

/* What is missing; NULL if nothing is. Static. */
const char *table_description_fault(const table_t *table);

#endif
