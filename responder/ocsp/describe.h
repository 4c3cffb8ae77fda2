/* SPDX-License-Identifier: Apache-2.0
 * Names and keys in words, for people. */
#ifndef RESPONDER_DESCRIBE_H
#define RESPONDER_DESCRIBE_H

#include "apr_pools.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

/* "CN=Root,O=Example" (RFC 2253, ASCII), in pool; "" for an empty name, or when
 * OpenSSL fails. */
const char *describe_name(apr_pool_t *pool, const X509_NAME *name);

/* "RSA 2048", "EC prime256v1", "ED25519", in pool; never NULL. */
const char *describe_key(apr_pool_t *pool, const EVP_PKEY *key);

#endif
