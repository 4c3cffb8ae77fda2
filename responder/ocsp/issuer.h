/* SPDX-License-Identifier: Apache-2.0
 * A CA that is answered for: its certificate, and whose CertID it is. */
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
    bytes_t der; /* the certificate */
    issuer_hashes_t hashes[ISSUER_DIGESTS];
} issuer_t;

typedef enum {
    ISSUER_OTHER = 0,   /* another CA's, or hashes that do not fit */
    ISSUER_UNSUPPORTED, /* a hash algorithm that is not answered */
    ISSUER_MATCH
} issuer_match_t;

/* Makes the issuer of a CA's certificate, and holds it. NULL with *why (in
 * pool) when the certificate cannot be a CA's. A public key of a kind that
 * OpenSSL does not know is none of its concern. */
const issuer_t *issuer_create(apr_pool_t *pool, X509 *ca, const char **why);

/* What a CertID says of a CA, before it is hashed: borrowed from the
 * certificate's DER. */
typedef struct {
    bytes_t name; /* subject, DER */
    bytes_t key;  /* of the BIT STRING, without its count of unused bits */
} issuer_name_t;

/* Finds that in a certificate's DER; its key need not be one that OpenSSL can
 * read. 0 if der is no certificate. */
int issuer_name(issuer_name_t *found, bytes_t der);

/* Whether a certificate's DER has that name and key. */
int issuer_has_name(bytes_t der, const issuer_name_t *name);

typedef enum {
    ISSUER_HASH_FAILED = 0,  /* out of memory, most likely: it may work later */
    ISSUER_HASH_UNSUPPORTED, /* OpenSSL lacks the digest */
    ISSUER_HASHED
} issuer_hashing_t;

/* Hashes name and key with one of the digests, counted from 1. Leaves OpenSSL's
 * error queue empty where it lacks the digest. */
issuer_hashing_t issuer_hash(issuer_hashes_t *hashes, int digest,
                             const issuer_name_t *name);

/* Compares a CertID's name and key hash, in the CertID's own algorithm, with
 * the issuer's; algorithm parameters may be NULL or absent. */
issuer_match_t issuer_match(const issuer_t *issuer,
                            const request_certid_t *certid);

/* Which of the digests named above a CertID uses, counted from 1; 0: another.
 */
enum { ISSUER_SHA1 = 1, ISSUER_SHA256, ISSUER_SHA384, ISSUER_SHA512 };
int issuer_digest(const request_certid_t *certid);

/* The OID of such a digest, without its header. Static. */
bytes_t issuer_digest_oid(int digest);

#endif
