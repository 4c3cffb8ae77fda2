/* SPDX-License-Identifier: Apache-2.0
 * What a certificate says of itself. */
#ifndef RESPONDER_CERTIFICATE_H
#define RESPONDER_CERTIFICATE_H

#include "apr_pools.h"
#include "apr_time.h"
#include <openssl/x509.h>
#include "base/bytes.h"

/* Upper-case hex of the serial without leading zeros ("0" for zero, a leading
 * '-' when negative), in pool. NULL: OpenSSL failed. */
const char *certificate_serial(apr_pool_t *pool, const X509 *certificate);

/* Its subject's commonName, in UTF-8, as by bytes_text(); "" if it has none. */
const char *certificate_cn(apr_pool_t *pool, const X509 *certificate);

/* The algorithm of its key, borrowed; NULL: OpenSSL failed. */
const X509_ALGOR *certificate_key_algorithm(const X509 *certificate);

/* In microseconds, up to the year 9999. 0 if it cannot be read. */
int certificate_time(apr_time_t *result, const ASN1_TIME *time);

/* Likewise, of a certificate. */
int certificate_validity(apr_time_t *not_before, apr_time_t *not_after,
                         const X509 *certificate);

/* OpenSSL decodes extensions and key on first use; doing so here leaves
 * nothing for the threads to write. 0 if the extensions cannot be read. The
 * key may be one that cannot: X509_get0_pubkey() is NULL then. */
int certificate_warm(X509 *certificate);

/* Whether the issuer's key has signed the certificate: 1, 0, or -1 where that
 * cannot be told, for want of memory or of a key that OpenSSL can read. Leaves
 * OpenSSL's error queue empty. */
int certificate_is_signed_by(X509 *certificate, X509 *issuer);

/* Its SHA-256, in hex in pool; NULL: OpenSSL failed. */
const char *certificate_sha256(apr_pool_t *pool, const X509 *certificate);

/* The certificate in DER, in pool. 0 if OpenSSL fails. */
int certificate_der(bytes_t *der, apr_pool_t *pool, const X509 *certificate);

/* The same of any object of OpenSSL's. data NULL if OpenSSL fails. */
bytes_t certificate_encode(apr_pool_t *pool, const ASN1_ITEM *item,
                           const void *object);

#endif
