/* SPDX-License-Identifier: Apache-2.0
 * What a table may call a CA. */
#ifndef RESPONDER_TABLE_CA_H
#define RESPONDER_TABLE_CA_H

#include "apr_pools.h"
#include "base/bytes.h"
#include "source/table/table_description.h"

typedef struct {
    bytes_t subject; /* Name, DER */
    bytes_t key_id;  /* subjectKeyIdentifier, or what it would be by RFC 5280
                      * §4.2.1.2 (1) */
    bytes_t sha1;    /* of the certificate */
    bytes_t der;
} table_ca_facts_t;

/* Reads a CA's certificate, PEM or DER. In pool; NULL with *why, in pool or
 * static. */
const table_ca_facts_t *table_ca_read(apr_pool_t *pool, bytes_t certificate,
                                      const char **why);

/* What the table's column for the CA has; NULL where it has none. In pool. */
const char *table_ca_value(const table_ca_facts_t *facts, apr_pool_t *pool,
                           table_ca_t form, const char *argument);

/* Whether a row's text is what was asked for, in that form: letter by letter,
 * but where case, or zeros before a number, mean nothing. */
int table_ca_is_value(table_ca_t form, const char *asked, const char *text);

/* Whether a certificate, DER, says that it was issued by the CA, and has that
 * serial, a magnitude without leading zero bytes. -1 when it cannot be read.
 * pool is for scratch. */
int table_ca_has_issued(const table_ca_facts_t *facts, apr_pool_t *pool,
                        bytes_t certificate, bytes_t serial);

/* Whether a certificate, DER, is a CA's. 0 when it cannot be read. pool is for
 * scratch. */
int table_ca_is_ca(apr_pool_t *pool, bytes_t certificate);

#endif
