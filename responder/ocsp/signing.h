/* SPDX-License-Identifier: Apache-2.0
 * Signatures by one key, of many threads at once. */
#ifndef RESPONDER_SIGNING_H
#define RESPONDER_SIGNING_H

#include "apr_pools.h"
#include <openssl/evp.h>
#include "base/bytes.h"

/* A key and how it signs. Threads may share it. */
typedef struct signing_t signing_t;

/* In pool, which must outlive its use; holds the key. md NULL: the key has a
 * digest of its own. NULL if OpenSSL fails; whether the key signs is not tried.
 */
const signing_t *signing_create(apr_pool_t *pool, EVP_PKEY *key,
                                const EVP_MD *md);

/* A context that is ready to sign, the caller's to free. NULL if OpenSSL
 * fails. */
EVP_MD_CTX *signing_begin(const signing_t *signing);

/* Signs bytes with such a context, once, into room of *len bytes; their number
 * in *len. 0 if OpenSSL fails. */
int signing_once(EVP_MD_CTX *ctx, unsigned char *room, size_t *len,
                 bytes_t bytes);

/* Signs bytes: one operation with the key, without a lock or a count of the
 * key's that threads share. OpenSSL has others for all keys: to make an ECDSA
 * nonce, to find SHA-512 for Ed25519, and to compare digests' names. 1 and
 * *signature in pool, or 0 and *why in pool. */
int signing_sign(bytes_t *signature, apr_pool_t *pool, const signing_t *signing,
                 bytes_t bytes, const char **why);

#endif
