/* SPDX-License-Identifier: Apache-2.0
 * Keys behind a URI that names no file: in a token. One process of the server's
 * own opens it and signs for all children, so that a login that fails is tried
 * once, and a token or its driver that hangs, crashes or loses its sessions is
 * got rid of by ending that process. */
#ifndef RESPONDER_TOKEN_H
#define RESPONDER_TOKEN_H

#include "httpd.h"
#include "base/bytes.h"
#include "ocsp/signer.h"

typedef struct token_t token_t;

/* Forgets the tokens of the last configuration, and has OpenSSL find engines.
 * pre_config. */
void token_begin(apr_pool_t *pconf);

/* The token behind uri that is opened with passphrase (data NULL: with none);
 * the same for the same. revision is a number that changes with the file that
 * the passphrase is in: with another one, a passphrase that was refused is
 * tried once more. Lives as long as the configuration. */
token_t *token_add(const char *uri, bytes_t passphrase, apr_int64_t revision);

/* Starts a process for each. post_config. */
void token_start(apr_pool_t *pconf);

/* Prepares this child process. */
void token_child_init(void);

/* A signer with the token's key, in pool: the token must have certificate's
 * key, and sign with digest as signer_create() has it. Waits a second or two at
 * most. NULL with *why in pool. Only in a child process. */
const signer_t *token_signer(apr_pool_t *pool, token_t *token,
                             X509 *certificate, const char *digest,
                             const char **why);

/* Whether it does not answer at the moment, so that trying again later may
 * help; not for NULL, which is none. */
int token_hangs(const token_t *token);

#endif
