/* SPDX-License-Identifier: Apache-2.0
 * Which CRLs are about a CA's certificates, and how full ones and deltas go
 * together. */
#ifndef RESPONDER_CRL_PAIRS_H
#define RESPONDER_CRL_PAIRS_H

#include "apr_pools.h"
#include "apr_tables.h"
#include <openssl/x509.h>
#include "base/serial_map.h"
#include "source/crl/crl_file.h"
#include "source/crl/revocation_list.h"

/* A file, and what it says. */
typedef struct {
    const char *path;
    const crl_file_t *file; /* NULL: it cannot be read */
} crl_source_t;

/* A full CRL or a delta that is about the CA. */
typedef struct {
    const char *path;
    const revocation_list_t *list;
    const serial_map_t *revoked; /* of the CA's; NULL: nothing is */
    const char *fault;           /* why it is not used; NULL if it is */
} crl_used_t;

/* A full CRL and the newest delta that goes with it. */
typedef struct {
    crl_used_t full;
    crl_used_t delta; /* list NULL: there is none */
} crl_pair_t;

/* Chooses among the files' CRLs what is of use for a CA: each is verified, by
 * the CA's key or by a certificate in the files that may sign CRLs. Returns
 * an array of crl_pair_t, in pool. *fault, in pool or static, is set when they
 * are not to be used, as one is missing or not as it should be; else NULL. */
const apr_array_header_t *crl_pairs_choose(apr_pool_t *pool, X509 *ca,
                                           const apr_array_header_t *sources,
                                           const char **fault);

#endif
