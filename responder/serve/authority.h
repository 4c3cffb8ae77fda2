/* SPDX-License-Identifier: Apache-2.0
 * From settings and a CA's row to an authority that can answer. */
#ifndef RESPONDER_AUTHORITY_H
#define RESPONDER_AUTHORITY_H

#include "ocsp/signer.h"
#include "httpd/config.h"
#include "serve/credentials.h"
#include "source/django_ca/rows.h"
#include "source/django_ca/responder_key.h"

#define AUTHORITY_DIGEST 32 /* octets, SHA-256 */

/* Why nobody signs for a CA. */
typedef enum {
    AUTHORITY_SIGNS = 0,
    AUTHORITY_NO_PAIR, /* there is none, and that is no fault */
    AUTHORITY_BAD_KEY,
    AUTHORITY_BAD_CERT
} authority_fault_t;

/* A CA and who signs for it. Not written once made. */
typedef struct {
    const issuer_t *issuer;
    const signer_t *signer; /* NULL: nobody; why and fault tell.
                             * Then what follows is not there */
    const char *why;
    authority_fault_t fault;
    int delegated;
    const apr_array_header_t *warnings;       /* const char *, as
                                               * signer_warnings() has them */
    unsigned char identity[AUTHORITY_DIGEST]; /* of both certificates and how
                                               * the signer signs */
    unsigned char secret[AUTHORITY_DIGEST];   /* nobody without the private key
                                               * has it */
    int validity;                             /* of answers, as the CA's row has
                                               * it; 0: it says nothing */
    /* What it was made of. */
    const credentials_t *pair;
    unsigned char row[AUTHORITY_DIGEST];
    file_stamp_t files[RESPONDER_KEY_FILES];
} authority_t;

/* What a CA's signer is made of. */
typedef struct {
    const config_t *config;
    const credentials_t *pair;
    X509 *certificate; /* where it is named by its serial; else NULL */
    const unsigned char *token_secret; /* AUTHORITY_DIGEST octets, in place of a
                                        * digest of a key that a token keeps */
} authority_means_t;

/* Makes the authority of a row in pool, which the means must outlive, but for
 * the certificate. NULL with *why in pool: its certificate is not a CA's. */
const authority_t *authority_create(apr_pool_t *pool,
                                    const authority_means_t *means,
                                    const rows_authority_t *row,
                                    const char **why);

/* Whether enrolment would make the same again, as nothing has changed. */
int authority_is_current(const authority_t *authority,
                         const authority_means_t *means,
                         const rows_authority_t *row, apr_pool_t *scratch);

/* Whether now lies in the validity of its signer's certificate. */
int authority_may_sign(const authority_t *authority, apr_time_t now);

#endif
