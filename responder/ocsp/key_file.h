/* SPDX-License-Identifier: Apache-2.0
 * Private keys and certificates out of files, text and bytes. */
#ifndef RESPONDER_KEY_FILE_H
#define RESPONDER_KEY_FILE_H

#include "apr_pools.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include "base/bytes.h"

/* Every object is freed with the pool it is made in; bytes that were read are
 * wiped then. Every function returns NULL on failure, with *why in the pool (or
 * a literal): a phrase to follow the name of the key or certificate ("holds no
 * private key"), with OpenSSL's reason where it has one; with the file's name
 * where one is given to the function. None ever prompts on a terminal, and
 * OpenSSL's error queue is left empty. */

/* Reads a whole file, not a pipe or device. Over 1 MiB is refused. data NULL on
 * failure. */
bytes_t key_file_read(apr_pool_t *pool, const char *path, const char **why);

/* A certificate in PEM or DER. The first one in the PEM counts. */
X509 *key_file_certificate(apr_pool_t *pool, bytes_t bytes, const char **why);

/* A certificate from PEM text whose line breaks may be real, "\n" in two
 * characters, spaces, or missing. */
X509 *key_file_certificate_text(apr_pool_t *pool, const char *text,
                                const char **why);

/* The certificates in PEM, of which text may stand before, between and behind,
 * or the one in DER: in DER, one behind the other, in their order, in pool.
 * data NULL with *why if there is none, or one that cannot be read. */
bytes_t key_file_chain(apr_pool_t *pool, bytes_t bytes, const char **why);

/* What *why is, this very pointer, when a key needs the pass phrase that is not
 * known. */
extern const char key_file_locked[];

/* A private key in PEM or DER: PKCS#8 (encrypted or not), PKCS#1, SEC1, and
 * PKCS#12 in DER, as far as its pass phrase is no longer than 1024 bytes. In
 * PEM the first one counts, and other blocks and text may stand beside it.
 * passphrase.data NULL: none is known; its bytes are used as they are, and
 * may hold NUL. A wrong or missing pass phrase is named as such in *why. */
EVP_PKEY *key_file_private_key(apr_pool_t *pool, bytes_t bytes,
                               bytes_t passphrase, const char **why);

#endif
