/* SPDX-License-Identifier: Apache-2.0
 * The public seam: what a certificate status is and where one comes from. */
#ifndef MOD_OCSP_RESPONDER_H
#define MOD_OCSP_RESPONDER_H

#include "apr_pools.h"
#include "apr_time.h"

#ifdef __cplusplus
extern "C" {
#endif

struct request_rec;

/* RFC 6960 §2.2. Zero is unknown, so that a forgotten value never says good
 * (OpenSSL's V_OCSP_CERTSTATUS_GOOD is 0). */
typedef enum {
    OCSP_RESPONDER_UNKNOWN = 0,
    OCSP_RESPONDER_GOOD = 1,
    OCSP_RESPONDER_REVOKED = 2
} ocsp_responder_cert_status_t;

/* What a status source says of one serial. All zero: never issued. */
typedef struct {
    ocsp_responder_cert_status_t cert_status;
    apr_time_t revocation_time; /* whole seconds, in microseconds since 1970;
                                 * read only when revoked */
    int reason;                 /* CRLReason, RFC 5280 §5.3.1; 0
                                 * (unspecified) is left out of the answer;
                                 * read only when revoked */
    int has_invalidity_date;    /* RFC 5280 §5.3.2; only when revoked */
    apr_time_t invalidity_date; /* whole seconds, in microseconds */
} ocsp_responder_status_t;

/* How a look-up ended. Zero is the failure that a forgotten value means. */
typedef enum {
    OCSP_RESPONDER_LOOKUP_FAILED = 0,      /* answered internalError */
    OCSP_RESPONDER_LOOKUP_UNAVAILABLE = 1, /* answered tryLater */
    OCSP_RESPONDER_LOOKUP_DONE = 2         /* the status is true */
} ocsp_responder_lookup_t;

/* Whose certificate is asked for. Borrowed; lives as long as the request. */
typedef struct {
    const char *ca_serial;       /* the CA's true serial, upper-case hex
                                  * without leading zeros */
    int ca_self_issued;          /* the CA is its own issuer: a root */
    const unsigned char *serial; /* magnitude of the serial asked for, big
                                  * endian, without leading zero octets;
                                  * never negative */
    apr_size_t serial_len;       /* octets; 0 for the serial zero */
} ocsp_responder_query_t;

/* A place that statuses come from. Register one with
 *   ap_register_provider(pool, OCSP_RESPONDER_SOURCE_GROUP, "name",
 *                        OCSP_RESPONDER_SOURCE_VERSION, &source)
 * and name it "dbd" to stand in for the built-in one, which reads django-ca's
 * tables through mod_dbd. */
#define OCSP_RESPONDER_SOURCE_GROUP   "ocsp_responder_source"
#define OCSP_RESPONDER_SOURCE_VERSION "0"

typedef struct {
    /* Looks up one certificate. Fills *status, which comes zeroed, only when
     * it returns DONE (a serial that has no row is DONE with UNKNOWN). On any
     * other return *why says what went wrong, in r's pool, for the log. Called
     * by many threads at once. */
    ocsp_responder_lookup_t (*look_up)(struct request_rec *r,
                                       const ocsp_responder_query_t *query,
                                       ocsp_responder_status_t *status,
                                       const char **why);
} ocsp_responder_source_t;

#ifdef __cplusplus
}
#endif

#endif
