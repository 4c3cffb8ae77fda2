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

/* Where it is from. */
typedef struct {
    const char *path;
    const crl_file_t *file; /* NULL: it cannot be read */
} crl_source_t;

/* The CRLs and certificates of a file, one behind the other in DER, in pool.
 * Other things in PEM are passed over. data NULL with *why, static, when
 * it is neither PEM nor DER, or there is not enough memory. */
bytes_t crl_file_convert(apr_pool_t *pool, bytes_t bytes, const char **why);

/* Parses such DER, which must live as long as pool. Lives in pool. NULL with
 * *why, in pool or static, when one of its CRLs or certificates cannot be read,
 * or there is none. Leaves OpenSSL's error queue empty. */
const crl_file_t *crl_file_parse(apr_pool_t *pool, bytes_t der,
                                 const char **why);

#endif
