/* SPDX-License-Identifier: Apache-2.0
 * The responder's key and certificate, as far as the configuration names
 * them. */
#ifndef RESPONDER_CREDENTIALS_H
#define RESPONDER_CREDENTIALS_H

#include "ocsp/issuer.h"
#include "base/bytes.h"
#include "httpd/config.h"
#include "base/file_stamp.h"

#define CREDENTIALS_FILES 3

/* Not written once made. What is absent is in a token that is not opened yet,
 * is django-ca's own, or is not set. */
typedef struct {
    EVP_PKEY *key;
    X509 *certificate;
    const signer_t *signer;  /* of both, when both are there */
    const char *cert_serial; /* of a certificate in the database */
    bytes_t passphrase;      /* data NULL: none is set */
    bytes_t chain;           /* OCSPResponderChain: certificates in DER, one
                              * behind the other; len 0: none */
    file_stamp_t files[CREDENTIALS_FILES]; /* that were read */
} credentials_t;

/* Loads what needs neither database nor token, into pool. NULL with *at, where
 * the directive at fault stands, and *why, in pool. */
const credentials_t *credentials_load(apr_pool_t *pool, const config_t *config,
                                      const config_place_t **at,
                                      const char **why);

/* Whether the key is one that each process must open for itself. */
int credentials_has_token(const config_t *config);

/* Whether a file of the pair's has been replaced by one that can be read. */
int credentials_has_changed(const credentials_t *pair, apr_pool_t *scratch);

/* A new pair: with the files read again, where they have changed, and the token
 * opened. It needs nothing of the old but its pass phrase. NULL with *why in
 * pool and *refused as key_uri_load() has it; the old pair is as good as
 * before. */
const credentials_t *credentials_renew(apr_pool_t *pool, const config_t *config,
                                       const credentials_t *old, int *refused,
                                       const char **why);

/* The signer made of key and certificate. In pool, as *why is when it is
 * NULL. */
const signer_t *credentials_signer(apr_pool_t *pool, const config_t *config,
                                   EVP_PKEY *key, X509 *certificate,
                                   const char **why);

#endif
