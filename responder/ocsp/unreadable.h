/* SPDX-License-Identifier: Apache-2.0
 * Why OpenSSL cannot read a key, as far as its algorithm tells. */
#ifndef RESPONDER_UNREADABLE_H
#define RESPONDER_UNREADABLE_H

#include "apr_pools.h"
#include <openssl/x509.h>

/* "2.16.840.1.101.3.4.3.18, which OpenSSL 3.0.19, with the providers that are
 * active, cannot use; it is ML-DSA-65, for OpenSSL 3.5 and later", in pool.
 * NULL when they can use such keys: then this one is broken. */
const char *unreadable_why(apr_pool_t *pool, const X509_ALGOR *algorithm);

/* The same of the key in a certificate. */
const char *unreadable_public_key(apr_pool_t *pool, const X509 *certificate);

#endif
