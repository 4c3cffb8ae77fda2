/* SPDX-License-Identifier: Apache-2.0
 * The responder's key and certificate, as the configuration names them. */
#ifndef RESPONDER_PAIR_H
#define RESPONDER_PAIR_H

#include "authority.h"
#include "config.h"

/* Not written after pair_load(). */
typedef struct {
    EVP_PKEY *key;
    const authority_signer_t *signer;  /* NULL: the certificate is in the
                                        * database … */
    const char *cert_serial;           /* … under this serial */
} pair_t;

/* Loads what needs no database, into pool. config has a key and a certificate.
 * NULL with *at, where the directive at fault stands, and *why, in pool. */
const pair_t *pair_load(apr_pool_t *pool, const config_t *config,
                        const config_place_t **at, const char **why);

/* The signer made of the pair's key and a certificate, for the pair that has
 * none. In pool, as *why is when it is NULL. */
const authority_signer_t *pair_signer(apr_pool_t *pool, const config_t *config,
                                      EVP_PKEY *key, X509 *certificate,
                                      const char **why);

#endif
