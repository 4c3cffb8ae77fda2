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

/* While the configuration is read. paths is an array of const char *, absolute,
 * which live as long as pool. NULL when out of resources. */
crl_store_t *crl_store_create(apr_pool_t *pool,
                              const apr_array_header_t *paths);

/* Adds a CA, or finds it when it was added before. NULL when out of
 * resources. */
crl_store_ca_t *crl_store_add_ca(crl_store_t *store, const char *path);

/* Reports what is wrong with the files, and with what they say of their CAs:
 * only of ca, unless that is NULL. */
void crl_store_check(crl_store_t *store, crl_store_ca_t *ca,
                     crl_absent_t absent, const ocsp_responder_call_t *call,
                     const ocsp_responder_reporter_t *reporter);

/* Prepares this child process; may be called again. */
void crl_store_child_init(crl_store_t *store, apr_pool_t *pool,
                          server_rec *server);

/* The CAs whose certificates are in the files, in call's pool. */
ocsp_responder_lookup_t crl_store_list(crl_store_t *store,
                                       const ocsp_responder_call_t *call,
                                       const ocsp_responder_ca_t **cas,
                                       int *count, const char **why);

/* What is known of a CA: ca, or if that is NULL, the one that
 * crl_store_list() gave with this id. In pool; NULL with *why, in pool or
 * static, when nothing can be said for now. */
const crl_view_t *crl_store_view(crl_store_t *store, crl_store_ca_t *ca,
                                 const char *id, apr_pool_t *pool,
                                 apr_time_t now, const char **why);

#endif
