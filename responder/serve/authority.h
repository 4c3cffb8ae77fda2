/* SPDX-License-Identifier: Apache-2.0
 * From settings and a CA of its source to an authority that can answer. */
#ifndef RESPONDER_AUTHORITY_H
#define RESPONDER_AUTHORITY_H

#include "ocsp/signer.h"
#include "httpd/config.h"
#include "serve/ca_set.h"
#include "serve/credentials.h"
#include "source/registry.h"

#define AUTHORITY_DIGEST 32 /* bytes, SHA-256 */

/* Why nobody signs for a CA. */
typedef enum {
    AUTHORITY_BAD_KEY = 0,
    AUTHORITY_BAD_CERT,
    AUTHORITY_BAD_AUTO, /* auto is set where it can never find a key */
    AUTHORITY_NO_PAIR,  /* there is none, and that is no fault */
    AUTHORITY_LATE,     /* its token does not answer, and may do so later */
    AUTHORITY_SIGNS
} authority_fault_t;

/* A CA and who signs for it. Not written once made. */
typedef struct {
    const issuer_t *issuer; /* NULL: it is no CA that can be answered for; why
                             * tells, and what follows why is not there */
    const char *why;
    const signer_t *signer; /* NULL: nobody; why and fault tell */
    authority_fault_t fault;
    int delegated;
    const apr_array_header_t *warnings;       /* const char *, as
                                               * signer_warnings() has them */
    unsigned char identity[AUTHORITY_DIGEST]; /* of both certificates, how the
                                               * signer signs, and secret */
    unsigned char secret[AUTHORITY_DIGEST];   /* nobody without the private key
                                               * has it */
    apr_time_t made_at;
    /* What it was made of. */
    ocsp_responder_ca_t ca;
    apr_time_t end; /* as in ca_entry_t */
    int is_file;    /* as in ca_entry_t */
    const credentials_t *pair;
    file_stamp_t files[OCSP_RESPONDER_KEY_FILES];
} authority_t;

/* What a CA's signer is made of. */
typedef struct {
    const config_t *config;
    const registry_source_t *source;
    const credentials_t *pair;
} authority_means_t;

/* Makes the secret of those whose key a token keeps, of which there is no
 * digest: one for all children. Before they are made. 0 without memory: OpenSSL
 * ends the process that goes on without its library context. */
int authority_begin(void);

/* Makes the authority of a CA in pool, which the means must outlive. DONE, or
 * UNAVAILABLE with *why in the call's pool. */
ocsp_responder_lookup_t authority_create(
    const authority_t **made, apr_pool_t *pool, const authority_means_t *means,
    const ca_entry_t *entry, const ocsp_responder_call_t *call,
    const char **why);

/* Whether the same would be made again, as nothing has changed. Looks at
 * files. */
int authority_is_current(const authority_t *authority,
                         const authority_means_t *means,
                         const ca_entry_t *entry, apr_pool_t *scratch);

/* What to ask the source about a certificate of the CA, whose serial is not
 * negative. */
ocsp_responder_query_t authority_query(const authority_t *authority,
                                       const request_certid_t *certid);

/* Whether its token has not answered, so that trying again later may help. */
int authority_is_late(const authority_t *authority);

/* Whether what is said of its certificates is final: the administrator says so
 * (OCSPResponderExpires never), and the CA has ended, and so has each that is
 * known with the same name and key. */
int authority_is_final(const authority_t *authority, apr_time_t now);

/* Whether now lies in the validity of its signer's certificate. */
int authority_may_sign(const authority_t *authority, apr_time_t now);

#endif
