/* SPDX-License-Identifier: Apache-2.0
 * From settings and database rows to an authority that can answer. */
#ifndef RESPONDER_ENROL_H
#define RESPONDER_ENROL_H

#include "authority.h"
#include "config.h"
#include "dbd.h"
#include "pair.h"
#include "engine.h"
#include "rows.h"
#include "schema.h"

#define ENROL_DIGEST 32 /* octets, SHA-256 */

/* A CA and who signs for it. Not written once made. */
typedef struct {
    const authority_issuer_t *issuer;
    const authority_signer_t *signer;
    int delegated;
    unsigned char identity[ENROL_DIGEST];  /* of both certificates and how the
                                            * signer signs */
    unsigned char secret[ENROL_DIGEST];    /* nobody without the private key
                                            * has it */
} enrol_authority_t;

/* How the database is asked: as dbd_select(), with a context. */
typedef struct {
    dbd_result_t (*select)(void *context, apr_pool_t *pool, const char *sql,
                           int columns, schema_rows_t *rows, const char **why);
    void *context;
} enrol_database_t;

/* Finds the CA (and the certificate, where it is named by its serial) in the
 * database and joins it to the pair; all in pool, which the pair must outlive.
 * An empty pair ends in a failure at cert_at.
 * NULL with *result: OK when the settings and the rows do not go together (*at
 * is where the directive at fault stands), or the database's own failure.
 * *why is in pool. */
const enrol_authority_t *enrol(apr_pool_t *pool,
                               const enrol_database_t *database,
                               const schema_t *schema, const config_t *config,
                               const pair_t *pair, dbd_result_t *result,
                               const config_place_t **at, const char **why);

#endif
