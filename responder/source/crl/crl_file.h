/* SPDX-License-Identifier: Apache-2.0
 * A file of CRLs and of the certificates of those who sign them: PEM with any
 * number of both, or one of them in DER. */
#ifndef RESPONDER_CRL_FILE_H
#define RESPONDER_CRL_FILE_H

#include "apr_pools.h"
#include "apr_tables.h"
#include <openssl/x509.h>
#include "base/bytes.h"

typedef struct {
    apr_array_header_t *lists;        /* of const revocation_list_t * */
    apr_array_header_t *certificates; /* of X509 * */
} crl_file_t;

/* Parses a whole file; its bytes are not needed afterwards. Other things in
 * PEM are passed over. Lives in pool. NULL with *why, in pool or static, when
 * one of its CRLs or certificates cannot be read, or there is none. Leaves
 * OpenSSL's error queue empty. */
const crl_file_t *crl_file_parse(apr_pool_t *pool, bytes_t bytes,
                                 const char **why);

#endif
