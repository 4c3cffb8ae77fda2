/* SPDX-License-Identifier: Apache-2.0
 * From settings and a CA's row to an authority that can answer. */
#ifndef RESPONDER_ENROL_H
#define RESPONDER_ENROL_H

#include "ocsp/issuer.h"
#include "httpd/config.h"
#include "serve/credentials.h"
#include "source/django_ca/rows.h"
#include "source/django_ca/vault.h"

#define ENROL_DIGEST 32 /* octets, SHA-256 */

/* Why nobody signs for a CA. */
typedef enum {
    ENROL_SIGNS = 0,
    ENROL_NO_PAIR,             /* there is none, and that is no fault */
    ENROL_BAD_KEY,
    ENROL_BAD_CERT
} enrol_fault_t;

/* A CA and who signs for it. Not written once made. */
typedef struct {
    const issuer_t *issuer;
    const signer_t *signer;      /* NULL: nobody; why and fault tell.
                                            * Then what follows is not there */
    const char *why;
    enrol_fault_t fault;
    int delegated;
    unsigned char identity[ENROL_DIGEST];  /* of both certificates and how the
                                            * signer signs */
    unsigned char secret[ENROL_DIGEST];    /* nobody without the private key
                                            * has it */
    int validity;                          /* of answers, as the CA's row has
                                            * it; 0: it says nothing */
    /* What it was made of. */
    const credentials_t *pair;
    unsigned char row[ENROL_DIGEST];
    watch_t files[VAULT_FILES];
} enrol_authority_t;

/* What a CA's signer is made of. */
typedef struct {
    const config_t *config;
    const credentials_t *pair;
    X509 *certificate;         /* where it is named by its serial; else NULL */
    const char *token_why;     /* why the token with the key is not open */
    const unsigned char *token_secret;  /* ENROL_DIGEST octets, in place of a
                                         * digest of a key that a token keeps */
} enrol_means_t;

/* Makes the authority of a row in pool, which the means must outlive, but for
 * the certificate. NULL with *why in pool: its certificate is not a CA's. */
const enrol_authority_t *enrol(apr_pool_t *pool, const enrol_means_t *means,
                               const rows_authority_t *row, const char **why);

/* Whether enrolment would make the same again, as nothing has changed. */
int enrol_is_current(const enrol_authority_t *authority,
                     const enrol_means_t *means, const rows_authority_t *row,
                     apr_pool_t *scratch);

/* Whether now lies in the validity of its signer's certificate. */
int enrol_may_sign(const enrol_authority_t *authority, apr_time_t now);

#endif
