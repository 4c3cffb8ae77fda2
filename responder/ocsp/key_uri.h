/* SPDX-License-Identifier: Apache-2.0
 * Private keys behind a URI: what OpenSSL's OSSL_STORE opens, or
 * key_engine.h does, where no provider knows pkcs11:. */
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
    KEY_URI_REFUSED,    /* the PIN was tried once and is wrong; as tokens count
                         * such tries, do not try it again */
    KEY_URI_DOUBTED,    /* likewise, unless it is known to be right: the token
                         * says only that something failed */
    KEY_URI_LOADED
} key_uri_result_t;

/* The one private key behind uri. passphrase is what is said when OpenSSL asks
 * (a PIN, a pass phrase); data NULL: nothing. Opens a session with a token: not
 * in a process that forks afterwards. The key is freed with pool. NULL with
 * *why in pool; never with the URI's attributes, which may hold a PIN. */
EVP_PKEY *key_uri_load(apr_pool_t *pool, const char *uri, bytes_t passphrase,
                       key_uri_result_t *result, const char **why);

/* Has OpenSSL, and providers that ask it, ask nobody on a terminal. Call in a
 * process that loads keys, before it does. */
void key_uri_ask_nobody(void);

/* Has *asked set to 1, atomically, whenever a PIN is asked for and known,
 * before the token gets it. asked lives as long as the process. */
void key_uri_tell_asked(int *asked);

/* Whether a PIN is tried without asking for it: it stands in the URI, or in
 * OpenSSL's settings, of which OpenSSL before 3.5 does not tell. */
int key_uri_has_pin(const char *uri);

/* Whether a token is there to be logged in to; it is not tried. 1 as well where
 * looking would be to try the PIN in OpenSSL's settings. In a process that has
 * touched the token, its driver may not tell. */
int key_uri_asks(apr_pool_t *pool, const char *uri);

#endif
