/* SPDX-License-Identifier: Apache-2.0
 * Which CRLs are about a CA's certificates, and how full ones and deltas go
 * together. */
#ifndef RESPONDER_CRL_PAIRS_H
#define RESPONDER_CRL_PAIRS_H

#include "apr_pools.h"
#include "apr_tables.h"
#include <openssl/x509.h>
#include "source/crl/crl_file.h"
#include "source/crl/crl_signers.h"
#include "source/crl/revocation_list.h"

/* A full CRL or a delta that is about the CA. */
typedef struct {
    const char *path;
    const revocation_list_t *list;
    const apr_array_header_t *issuers; /* of int: which of the list's are the
                                        * CA; none: it has no entries of its */
    int is_cas; /* the CA issued the list, in its own name */
    crl_signers_t signers;
    const char *fault; /* why it is not used; NULL if it is */
} crl_used_t;

/* A full CRL and the newest delta that goes with it. */
typedef struct {
    crl_used_t full;
    crl_used_t delta; /* list NULL: there is none */
} crl_pair_t;

typedef struct {
    const apr_array_header_t *pairs; /* of crl_pair_t */
    const apr_array_header_t *apart; /* of crl_used_t: deltas that go with no
                                      * full CRL, as that which they continue is
                                      * missing, but are newer than all: what
                                      * they revoke is revoked */
    const char *fault; /* why they are not to be used, as one is missing or not
                        * as it should be; NULL if nothing is wrong */
    int is_unsure;     /* … for want of memory alone: to be done again */
    const char *unreadable; /* the path of a file of which nothing is known;
                             * NULL if there is none */
    int covers;      /* a certificate of the CA that is in none of them is not
                      * revoked: they are about its users' certificates and,
                      * where it may issue to CAs, about those, for any
                      * reason */
    int parts_cover; /* likewise, if those of distribution points are all that
                      * the CA has; nothing in them tells, so that else they do
                      * not count */
    int parts; /* how many full CRLs about the CA are those of distribution
                * points, which have its certificates in parts */
} crl_pairs_t;

/* Chooses among the files' CRLs what is of use for a CA: each is verified, by
 * the CA's key or by a certificate in the files that may sign its CRLs. Lives
 * in pool. */
crl_pairs_t crl_pairs_choose(apr_pool_t *pool, X509 *ca,
                             const apr_array_header_t *sources);

/* The one of a pair that was made last. */
const revocation_list_t *crl_pairs_last(const crl_pair_t *pair);

/* The first full CRL that is older than the one that was in its place before;
 * NULL if there is none. */
const crl_used_t *crl_pairs_find_older(const crl_pairs_t *pairs,
                                       const crl_pairs_t *before);

#endif
