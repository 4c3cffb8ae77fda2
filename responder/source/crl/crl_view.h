/* SPDX-License-Identifier: Apache-2.0
 * What CRLs say of one CA's certificates. */
#ifndef RESPONDER_CRL_VIEW_H
#define RESPONDER_CRL_VIEW_H

#include "apr_pools.h"
#include "apr_tables.h"
#include <openssl/x509.h>
#include "mod_ocsp_responder.h"
#include "base/bytes.h"

typedef struct crl_view_t crl_view_t;

/* What a serial in none of a CA's CRLs is meant to be. */
typedef struct {
    ocsp_responder_cert_status_t status; /* GOOD or UNKNOWN */
    int parts; /* how many CRLs of distribution points the CA has, by the word
                * of its administrator; 0: nobody has said */
} crl_absent_t;

/* Makes the most of files, an array of crl_source_t, for a CA. What they say
 * must live as long as pool. Never NULL. */
const crl_view_t *crl_view_create(apr_pool_t *pool, X509 *ca,
                                  const apr_array_header_t *sources);

/* Why nothing is known of the CA's certificates; NULL if something is. Lives as
 * long as the view. */
const char *crl_view_fault(const crl_view_t *view);

/* Whether that is for want of memory alone, so that it is worth while to make
 * the view again. */
int crl_view_is_unsure(const crl_view_t *view);

/* What is odd about the CRLs, though something is known; in pool or static, or
 * NULL. */
const char *crl_view_doubt(const crl_view_t *view, apr_pool_t *pool,
                           crl_absent_t absent);

/* The path of a CRL that is older than the one that was in its place before:
 * what was revoked in between no longer is. NULL if there is none, or if the
 * view is unsure; lives as long as the view. */
const char *crl_view_older(const crl_view_t *view, const crl_view_t *before);

/* The serial, as text in pool, of a certificate of the CA's that is revoked for
 * that reason; NULL if there is none. *is_ca: it is known to be a CA's. */
const char *crl_view_find_reason(const crl_view_t *view, apr_pool_t *pool,
                                 int reason, int *is_ca);

/* Why one of the CRLs does not count now, in pool; NULL if all do. */
const char *crl_view_lapse(const crl_view_t *view, apr_pool_t *pool,
                           apr_time_t now);

typedef struct {
    bytes_t serial;      /* a magnitude without leading zero bytes */
    crl_absent_t absent; /* GOOD counts only where the CRLs are about all of the
                          * CA's certificates */
    apr_time_t now;
} crl_question_t;

/* What the CRLs say of a serial. UNAVAILABLE when a CRL has ended and none that
 * counts has it revoked, or when it would be GOOD and a delta continues a full
 * CRL that is missing. *why in pool. */
ocsp_responder_lookup_t crl_view_status(
    const crl_view_t *view, apr_pool_t *pool, const crl_question_t *question,
    ocsp_responder_status_t *status, const char **why);

#endif
