/* SPDX-License-Identifier: Apache-2.0
 * The certificates that the key of a token signs for, in the process that holds
 * the token. By any thread. */
#ifndef RESPONDER_TOKEN_SIGNERS_H
#define RESPONDER_TOKEN_SIGNERS_H

#include "apr_pools.h"
#include "base/bytes.h"
#include "ocsp/signer.h"

/* Before there are threads. pool lives as long as the process. */
void token_signers_init(apr_pool_t *pool);

/* The signer of a certificate (DER) and a digest (its name) by the process's
 * one key, known for as long as the process lives. NULL, with *why in scratch
 * or static, if they do not go together: whoever asks with a certificate that
 * is not the key's does no harm to others who sign. */
const signer_t *token_signers_find(apr_pool_t *scratch, bytes_t certificate,
                                   const char *digest, EVP_PKEY *key,
                                   const char **why);

/* Whether the key has gone with any certificate. */
int token_signers_any(void);

/* Signs; 0 with *why when that fails, or when it was another key that signed:
 * the token is to be opened anew. *signature and *why are in pool or static. */
int token_signers_sign(bytes_t *signature, apr_pool_t *pool,
                       const signer_t *signer, bytes_t bytes, const char **why);

#endif
