/* SPDX-License-Identifier: Apache-2.0
 * Private keys behind a URI: what OpenSSL's OSSL_STORE opens, with the engine
 * "pkcs11" where no provider knows that scheme. */
#ifndef RESPONDER_KEY_URI_H
#define RESPONDER_KEY_URI_H

#include "apr_pools.h"
#include <openssl/evp.h>
#include "base/bytes.h"

/* Whether text is such a URI and not a path. */
int key_uri_is(const char *text);

/* The path in a URI that names a file and nothing else, in pool; else NULL. */
const char *key_uri_path(apr_pool_t *pool, const char *uri);

typedef enum {
    KEY_URI_ABSENT = 0, /* nothing is there, or nobody knows it */
    KEY_URI_UNCLEAR, /* a PIN was tried, and nothing tells why it was in vain;
                      * as tokens count such tries, do not try again */
    KEY_URI_REFUSED, /* ... and it was wrong */
    KEY_URI_LOADED
} key_uri_result_t;

/* How many keys of a token may end as KEY_URI_UNCLEAR before its PIN is taken
 * for refused: pkcs11-provider does not tell a wrong PIN from a missing key,
 * which is to cost its own CA only. */
#define KEY_URI_UNCLEAR_MAX 2

/* The one private key behind uri. passphrase is what is said when OpenSSL asks
 * (a PIN, a pass phrase); data NULL: nothing. Opens a session with a token: not
 * in a process that forks afterwards. The key is freed with pool. NULL with
 * *why in pool; never with the URI's attributes, which may hold a PIN. */
EVP_PKEY *key_uri_load(apr_pool_t *pool, const char *uri, bytes_t passphrase,
                       key_uri_result_t *result, const char **why);

/* Has OpenSSL, and providers that ask it, ask nobody on a terminal. Call in a
 * process that loads keys, before it does. */
void key_uri_ask_nobody(void);

/* Has *asked set to 1, atomically, whenever a PIN is asked for, before the
 * token gets it. asked lives as long as the process. */
void key_uri_tell_asked(int *asked);

/* Whether a token is there to be logged in to; it is not tried. */
int key_uri_asks(apr_pool_t *pool, const char *uri);

#endif
