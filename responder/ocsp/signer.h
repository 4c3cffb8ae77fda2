/* SPDX-License-Identifier: Apache-2.0
 * Who signs in a CA's name. */
#ifndef RESPONDER_SIGNER_H
#define RESPONDER_SIGNER_H

#include "apr_pools.h"
#include "apr_tables.h"
#include "apr_time.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include "base/bytes.h"
#include "ocsp/issuer.h"
#include "ocsp/request.h"
#include "ocsp/signing.h"

typedef struct signer_t signer_t;

/* Signs bytes with a key that is elsewhere, in a token. As signer_sign(), with
 * the context that signer_create_remote() got. */
typedef int (*signer_remote_t)(void *context, bytes_t *signature,
                               apr_pool_t *pool, const signer_t *signer,
                               bytes_t bytes, const char **why);

/* Who signs. Nothing here is written after signer_create(). */
struct signer_t {
    X509 *certificate;
    EVP_PKEY *key;         /* the public key alone, where remote is set */
    const EVP_MD *digest;  /* NULL where the key has its own (EdDSA) */
    const char *serial;    /* upper-case hex, no leading zeros */
    apr_time_t not_before; /* microseconds */
    apr_time_t not_after;
    bytes_t key_hash;      /* SHA-1, for a ResponderID */
    bytes_t algorithm;     /* signatureAlgorithm, DER */
    bytes_t key_algorithm; /* of the certificate's key, DER */
    bytes_t certificate_der;
    const signing_t *signing; /* of key and digest, where remote is not set */
    signer_remote_t remote;   /* NULL: key signs */
    void *remote_context;
};

/* What is found of a pair. */
typedef enum {
    SIGNER_ERROR = 0,    /* OpenSSL failed; *why tells */
    SIGNER_KEY_MISMATCH, /* key is not the certificate's */
    SIGNER_NOT_ISSUED,   /* neither the CA's nor issued by it */
    SIGNER_REFUSED,      /* issued by it, but clients refuse it */
    SIGNER_NO_USAGE,     /* delegated, without id-kp-OCSPSigning */
    SIGNER_BAD_DIGEST,   /* the digest does not go with the key */
    SIGNER_OK
} signer_check_t;

/* Whether key fits certificate and digest, without knowing the CA yet. digest
 * is "auto" (RSA, RSA-PSS, DSA: SHA-256; EC: of the curve's strength; EdDSA
 * and others with a digest of their own: none) or a name OpenSSL knows. On OK
 * *signer lives in pool, holds certificate and key, and is not yet known to be
 * the CA's. Otherwise *why is in pool. */
signer_check_t signer_create(signer_t **signer, apr_pool_t *pool,
                             X509 *certificate, EVP_PKEY *key,
                             const char *digest, const char **why);

/* The same for a key that is elsewhere: remote is known to sign with what is
 * certificate's key, and algorithm (DER) is that of its signatures. context
 * must live as long as pool. NULL with *why in pool. */
const signer_t *signer_create_remote(apr_pool_t *pool, X509 *certificate,
                                     bytes_t algorithm, signer_remote_t remote,
                                     void *context, const char **why);

/* Whether signer may sign for issuer (RFC 6960 §4.2.2.2): it is the CA's own
 * certificate or key (then *delegated is 0), or was issued by the CA, has
 * id-kp-OCSPSigning, and passes the check that clients make of the path to the
 * CA: names, key identifiers, critical extensions, strength of digest and keys.
 * Dates are not looked at. */
signer_check_t signer_may_sign_for(const signer_t *signer,
                                   const issuer_t *issuer, int *delegated,
                                   apr_pool_t *pool, const char **why);

/* What some clients may not like of one that may sign: sentences (const char *,
 * static) that say cause and cure; in pool, maybe none. */
apr_array_header_t *signer_warnings(apr_pool_t *pool, const signer_t *signer,
                                    int delegated);

/* Which of count signers is to answer: the first whose algorithm the client
 * prefers, with the parameters and the algorithm of the key (its curve) that it
 * names, in the client's order; where it names none that fits, the first of
 * all (RFC 6960 §4.4.7.2.1). NULL among them are passed over. An index; 0 if
 * there is none. */
int signer_choose(const signer_t *const *signers, int count,
                  const request_t *request);

/* Signs bytes, as signer_create() tried out. 1 and *signature in pool, or 0
 * and *why in pool. */
int signer_sign(bytes_t *signature, apr_pool_t *pool, const signer_t *signer,
                bytes_t bytes, const char **why);

/* Whether there are both, and the certificate is the key's. */
int signer_fits(X509 *certificate, const EVP_PKEY *key);

/* Whether the certificate verifies a signature of bytes. */
int signer_verifies(const signer_t *signer, bytes_t bytes, bytes_t signature);

/* Signs a few bytes and verifies them with the certificate's key. 1, or 0 and
 * *why, which is static and holds nothing secret. Takes memory of pool. */
int signer_try(apr_pool_t *pool, const signer_t *signer, const char **why);

#endif
