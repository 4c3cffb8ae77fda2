/* SPDX-License-Identifier: Apache-2.0
 * The responder's key and certificate, as far as the configuration names
 * them. */
#ifndef RESPONDER_CREDENTIALS_H
#define RESPONDER_CREDENTIALS_H

#include "httpd.h"
#include "ocsp/signer.h"
#include "base/bytes.h"
#include "httpd/config.h"
#include "ocsp/key_uri.h"
#include "base/file_stamp.h"
#include "serve/token.h"

#define CREDENTIALS_FILES 3

/* Not written once made. What is absent is in a token, is django-ca's own, or
 * is not set. */
typedef struct {
    EVP_PKEY *key;
    X509 *certificate;
    const signer_t *signer;  /* of both, when both are there */
    const char *cert_serial; /* of a certificate in the database */
    bytes_t passphrase;      /* data NULL: none is set */
    bytes_t chain;           /* OCSPResponderChain: certificates in DER, one
                              * behind the other; len 0: none */
    token_t *token;          /* that has the key; NULL: it is in none */
    file_stamp_t files[CREDENTIALS_FILES]; /* that were read */
} credentials_t;

/* Loads what needs neither database nor token, into pool, which lives as long
 * as the configuration. NULL with *at, where the directive at fault stands, and
 * *why, in pool. */
const credentials_t *credentials_load(apr_pool_t *pool, const config_t *config,
                                      const config_place_t **at,
                                      const char **why);

/* Whether the key is in a token. */
int credentials_has_token(const config_t *config);

/* Whether a file of the pair's has been replaced by one that can be read. */
int credentials_has_changed(const credentials_t *pair, apr_pool_t *scratch);

/* A new pair: with those files read again that have changed. It lives without
 * the old one, which is as good as before when this is NULL with *why in pool.
 */
const credentials_t *credentials_renew(apr_pool_t *pool, const config_t *config,
                                       const credentials_t *old,
                                       const char **why);

/* A pair whose key has been loaded out of its token, by this process, which
 * forks no more; for a trial. NULL with *result and *why as key_uri_load() has
 * them; KEY_URI_LOADED: the key does not fit. */
const credentials_t *credentials_open(apr_pool_t *pool, const config_t *config,
                                      const credentials_t *closed,
                                      key_uri_result_t *result,
                                      const char **why);

/* The signer made of certificate and key; NULL: the pair's token has it. In
 * pool, as *why is when it is NULL. */
const signer_t *credentials_signer(apr_pool_t *pool, const config_t *config,
                                   const credentials_t *pair, EVP_PKEY *key,
                                   X509 *certificate, const char **why);

#endif
