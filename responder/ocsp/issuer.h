/* SPDX-License-Identifier: Apache-2.0
 * A CA that is answered for: its certificate, and who signs in its name. */
#ifndef RESPONDER_ISSUER_H
#define RESPONDER_ISSUER_H

#include "apr_pools.h"
#include "apr_time.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include "base/bytes.h"
#include "ocsp/request.h"

/* The digests a CertID may use: SHA-1, SHA-2 and SHA-3. */
#define ISSUER_DIGESTS 9

typedef struct {
    unsigned char name[EVP_MAX_MD_SIZE]; /* of the issuer's subject, DER */
    unsigned char key[EVP_MAX_MD_SIZE];  /* of the BIT STRING's bytes */
    unsigned int len; /* bytes of each; 0 if OpenSSL lacks the digest */
} issuer_hashes_t;

/* Whose request it is. Nothing here is written after issuer_create(). */
typedef struct {
    X509 *certificate;
    const char *serial;    /* upper-case hex, no leading zeros */
    int self_issued;       /* a root: it names itself as issuer, and its
                            * own key, where OpenSSL knows it, signed it */
    apr_time_t not_before; /* microseconds */
    apr_time_t not_after;
    bytes_t root_der; /* the certificate, to be sent, if it is a root's;
                       * else len is 0 */
    issuer_hashes_t hashes[ISSUER_DIGESTS];
} issuer_t;

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
    bytes_t key_hash;  /* SHA-1, for a ResponderID */
    bytes_t algorithm; /* signatureAlgorithm, DER */
    bytes_t certificate_der;
    EVP_MD_CTX *prepared;   /* to be copied; NULL where it must not be */
    signer_remote_t remote; /* NULL: key signs */
    void *remote_context;
};

typedef enum {
    ISSUER_OTHER = 0,   /* another CA's, or hashes that do not fit */
    ISSUER_UNSUPPORTED, /* a hash algorithm that is not answered */
    ISSUER_MATCH
} issuer_match_t;

/* Makes the issuer of a CA's certificate, and holds it. NULL with *why (in
 * pool) when the certificate cannot be a CA's. A public key of a kind that
 * OpenSSL does not know is none of its concern. */
const issuer_t *issuer_create(apr_pool_t *pool, X509 *ca, const char **why);

/* Hashes what a CertID says of a CA. Its key need not be one that OpenSSL can
 * read. 0 if OpenSSL fails. */
int issuer_hash(issuer_hashes_t hashes[ISSUER_DIGESTS], const X509 *ca);

/* Compares a CertID's name and key hash, in the CertID's own algorithm, with
 * an issuer's; algorithm parameters may be NULL or absent. */
issuer_match_t issuer_hashes_match(const issuer_hashes_t hashes[ISSUER_DIGESTS],
                                   const request_certid_t *certid);
issuer_match_t issuer_match(const issuer_t *issuer,
                            const request_certid_t *certid);

/* Which of the digests named above a CertID uses, counted from 1; 0: another.
 */
enum { ISSUER_SHA1 = 1, ISSUER_SHA256 = 2 };
int issuer_digest(const request_certid_t *certid);

/* The OID of such a digest, without its header. Static. */
bytes_t issuer_digest_oid(int digest);

/* What the pair is made of. */
typedef enum {
    SIGNER_OK = 0,
    SIGNER_KEY_MISMATCH, /* key is not the certificate's */
    SIGNER_NOT_ISSUED,   /* neither the CA's nor issued by it */
    SIGNER_NO_USAGE,     /* delegated, without id-kp-OCSPSigning */
    SIGNER_BAD_DIGEST,   /* the digest does not go with the key */
    SIGNER_ERROR         /* OpenSSL failed; *why tells */
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
 * must live as long as pool. */
signer_check_t signer_create_remote(signer_t **signer, apr_pool_t *pool,
                                    X509 *certificate, bytes_t algorithm,
                                    signer_remote_t remote, void *context,
                                    const char **why);

/* Whether signer may sign for issuer (RFC 6960 §4.2.2.2): it is the CA's own
 * certificate or key (then *delegated is 0), or was issued by the CA, by
 * signature, and has id-kp-OCSPSigning. Dates are not looked at. */
signer_check_t signer_may_sign_for(const signer_t *signer,
                                   const issuer_t *issuer, int *delegated,
                                   apr_pool_t *pool, const char **why);

/* Signs octets, as signer_create() tried out. 1 and *signature in pool, or 0
 * and *why in pool. */
int signer_sign(bytes_t *signature, apr_pool_t *pool, const signer_t *signer,
                bytes_t octets, const char **why);

#endif
