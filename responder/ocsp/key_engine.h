/* SPDX-License-Identifier: Apache-2.0
 * Private keys behind a pkcs11: URI by OpenSSL's engine "pkcs11", which is what
 * Debian 12 has for them; no provider does it there. */
#ifndef RESPONDER_KEY_ENGINE_H
#define RESPONDER_KEY_ENGINE_H

#include "apr_pools.h"
#include <openssl/evp.h>
#include <openssl/ui.h>

/* Has OpenSSL do what it does once for engines. Where a process has no memory
 * for that, it finds no engine as long as it lives; so it is done before the
 * processes are made that load keys. */
void key_engine_begin(void);

/* The key behind uri, freed with pool; NULL if there is none, with the reasons
 * in OpenSSL's error queue. asks and its data answer the engine's questions:
 * now, and while there is a key. anew: with an engine that has not logged in
 * yet, unless one of its keys is in use. */
EVP_PKEY *key_engine_load(apr_pool_t *pool, const char *uri, UI_METHOD *asks,
                          void *data, int anew);

#endif
