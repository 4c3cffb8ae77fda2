/* SPDX-License-Identifier: Apache-2.0
 * Which certificates vouch for a CRL, and how long. */
#ifndef RESPONDER_CRL_SIGNERS_H
#define RESPONDER_CRL_SIGNERS_H

#include "apr_pools.h"
#include "apr_tables.h"
#include "apr_time.h"
#include <openssl/x509.h>
#include "source/crl/crl_file.h"
#include "source/crl/revocation_list.h"

typedef struct {
    const char *fault; /* why the list is not used, static; NULL: one who may
                        * has signed it */
    int is_others;     /* it is that of a CA with the same name */
    X509 *signer;      /* one whose key has signed it, and may; NULL: there is
                        * none */
    const apr_array_header_t *validities; /* of the certificates of those that
                                           * have signed in the CA's place;
                                           * NULL: the CA has, whose certificate
                                           * is the trust anchor here, whatever
                                           * its age (RFC 5280 §6.1.1) */
} crl_signers_t;

/* Finds who has signed a list that is about the CA's certificates: the CA, or
 * those whose certificates are in the files, an array of crl_source_t. Lives in
 * pool. *is_unsure: see crl_signature.h. */
crl_signers_t crl_signers_find(apr_pool_t *pool, X509 *ca,
                               const apr_array_header_t *sources,
                               const revocation_list_t *list, int *is_unsure);

/* Until when they vouch for the list as things are now, at most the list's
 * nextUpdate; 0 if no certificate of theirs is valid now. */
apr_time_t crl_signers_end(const crl_signers_t *signers,
                           const revocation_list_t *list, apr_time_t now);

#endif
