/* SPDX-License-Identifier: Apache-2.0
 * From a GET path or a body to a checked OCSP request (RFC 6960 §4.1). */
#ifndef RESPONDER_REQUEST_H
#define RESPONDER_REQUEST_H

#include "apr_pools.h"
#include "base/bytes.h"

typedef enum {
    GET_PATH_NONE = 0, /* no payload that is one DER SEQUENCE */
    GET_PATH_FOUND,
    GET_PATH_TOO_LARGE /* a payload of more than max_der bytes, or what
                        * begins like one and is longer than they are */
} get_path_t;

/* Finds the DER in a raw (still percent-encoded) path: the longest rest behind
 * a '/' that decodes to exactly one DER SEQUENCE (RFC 6960 A.1, RFC 9919 §6).
 * Takes standard and URL-safe base64, padded or not, '+' also as a space;
 * trailing '/' that the base64 does not need are dropped, so is a query. The
 * path need not be cut to the part below the location, nor be rid of scheme and
 * host. Cost is linear in the path's length.
 * On FOUND *der lives in pool. */
get_path_t get_path_read(bytes_t *der, apr_pool_t *pool, const char *raw_path,
                         apr_size_t max_der);

/* One CertID of a request, borrowed from the input but for the serial, which
 * may be in the pool. */
typedef struct {
    bytes_t der;        /* all of it, as sent */
    bytes_t digest;     /* the hash algorithm's OID, without header */
    int odd_parameters; /* of the algorithm: neither absent nor NULL */
    bytes_t name_hash;  /* of any length */
    bytes_t key_hash;
    bytes_t serial;      /* magnitude, big endian, no leading zeros: of no
                          * bytes for zero */
    int serial_negative; /* no CA issues such: as never issued */
} request_certid_t;

/* A request that may be answered. Lives in the pool it was parsed into. */
typedef struct {
    const request_certid_t *certids;
    int certid_count;  /* 1 … max_certids */
    bytes_t nonce;     /* the value inside the OCTET STRING, 1–128
                        * bytes; data NULL: none sent */
    bytes_t preferred; /* signature algorithms, the client's favourite
                        * first (RFC 6960 §4.4.7.1), for
                        * request_take_preferred(); len 0: no wish */
} request_t;

/* Parses and checks der, which must outlive the result. NULL: malformedRequest,
 * and *why (a literal) says why. All has to be DER, but for what no answer
 * depends on: of a requestorName, a signature with its certificates, and an
 * algorithm's parameters only the headers are read (RFC 9919 §3.1.2). Unknown
 * critical extensions are refused (RFC 6960 §4.1.2), the nonce is held to 1–128
 * bytes (RFC 9654 §2.1). */
const request_t *request_parse(apr_pool_t *pool, bytes_t der, int max_certids,
                               const char **why);

/* An algorithm as a client names it. Borrowed from the request. */
typedef struct {
    bytes_t oid;        /* without its header; data NULL: none is named */
    bytes_t parameters; /* DER; len 0: none */
} request_algorithm_t;

/* PreferredSignatureAlgorithm. */
typedef struct {
    request_algorithm_t signature;
    request_algorithm_t key; /* pubKeyAlgIdentifier: of the key that signs */
} request_preferred_t;

/* Takes what a client prefers next off a copy of request_t's preferred; 0 at
 * the end. */
int request_take_preferred(bytes_t *preferred, request_preferred_t *taken);

#endif
