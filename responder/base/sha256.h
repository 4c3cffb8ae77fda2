/* SPDX-License-Identifier: Apache-2.0
 * The SHA-256 of bytes, by OpenSSL. */
#ifndef RESPONDER_SHA256_H
#define RESPONDER_SHA256_H

#include "base/bytes.h"
#include <openssl/evp.h>

/* In pool; data NULL if OpenSSL fails. */
static inline bytes_t sha256_of(apr_pool_t *pool, const void *data,
                                apr_size_t len)
{
    unsigned char *digest = apr_palloc(pool, EVP_MAX_MD_SIZE);
    unsigned int length = 0;
    const int made = EVP_Digest(data, len, digest, &length, EVP_sha256(), NULL);

    return (bytes_t){ made ? digest : NULL, length };
}

#endif
