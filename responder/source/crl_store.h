/* SPDX-License-Identifier: Apache-2.0
 * A set of files with CRLs, and what they say of each CA, kept current. */
#ifndef RESPONDER_CRL_STORE_H
#define RESPONDER_CRL_STORE_H

#include "httpd.h"
#include "apr_tables.h"
#include "mod_ocsp_responder.h"
#include "source/crl/crl_view.h"

typedef struct crl_store_t crl_store_t;

/* A CA whose certificate is a file that OCSPResponderCA names. */
typedef struct crl_store_ca_t crl_store_ca_t;

/* What one location is told by its directives: an instance of the source. */
typedef struct {
    crl_store_t *store;
    crl_store_ca_t *ca; /* NULL: those in the files */
    crl_absent_t absent;
} crl_t;

/* While the configuration is read. paths is an array of const char *, absolute,
 * which live as long as pool. NULL when out of resources. */
crl_store_t *crl_store_create(apr_pool_t *pool,
                              const apr_array_header_t *paths);

/* Adds a CA, or finds it when it was added before. NULL when out of
 * resources. */
crl_store_ca_t *crl_store_add_ca(crl_store_t *store, const char *path);

/* The source's check(): what is wrong with the files, and with what they say of
 * their CAs. */
void crl_store_check(void *crl, const ocsp_responder_call_t *call,
                     const ocsp_responder_reporter_t *reporter);

/* Its child_init(). */
void crl_store_child_init(void *crl, apr_pool_t *pool, server_rec *server);

/* Its list_cas(): the CAs whose certificates are in the files, whatever ca is.
 */
ocsp_responder_lookup_t crl_store_list(
    void *crl, const ocsp_responder_call_t *call, const char *ca,
    const ocsp_responder_ca_t **cas, int *count, const char **why);

/* What is known of the CA of a query, the location's or one that
 * crl_store_list() gave. In the call's pool; NULL with *why, in that or static,
 * when nothing can be said for now. */
const crl_view_t *crl_store_view(const crl_t *crl,
                                 const ocsp_responder_call_t *call,
                                 const ocsp_responder_query_t *query,
                                 const char **why);

#endif
