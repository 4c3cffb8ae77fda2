/* SPDX-License-Identifier: Apache-2.0
 * OpenSSL's objects that a pool frees. */
#ifndef RESPONDER_OWNED_H
#define RESPONDER_OWNED_H

#include "apr_pools.h"
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

/* Each takes the caller's reference over, drops it when pool goes, and returns
 * the object. NULL in, NULL out. */
X509 *owned_certificate(apr_pool_t *pool, X509 *certificate);
EVP_PKEY *owned_key(apr_pool_t *pool, EVP_PKEY *key);
OCSP_RESPONSE *owned_response(apr_pool_t *pool, OCSP_RESPONSE *response);
OCSP_BASICRESP *owned_basic(apr_pool_t *pool, OCSP_BASICRESP *basic);

/* Likewise with a new reference; NULL where there is none to be had. */
X509 *owned_shared_certificate(apr_pool_t *pool, X509 *certificate);
EVP_PKEY *owned_shared_key(apr_pool_t *pool, EVP_PKEY *key);

#endif
