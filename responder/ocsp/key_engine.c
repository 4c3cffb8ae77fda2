/* SPDX-License-Identifier: Apache-2.0 */
/* Engines are deprecated. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ocsp/key_engine.h"

#include <openssl/opensslconf.h>

#ifndef OPENSSL_NO_ENGINE

#include <pthread.h>

#include <openssl/engine.h>
#include <openssl/err.h>

/* The engine lists its tokens once, so it is begun anew to find one that has
 * come; but never under a key that is in use. */
static struct {
    pthread_mutex_t mutex;
    ENGINE *running;
    int keys;
} pkcs11 = { .mutex = PTHREAD_MUTEX_INITIALIZER };

void key_engine_begin(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC, NULL);
    ERR_clear_error();
}

static int run_engine(int anew)
{
    ENGINE *engine;

    if (pkcs11.running && !pkcs11.keys && anew) {
        ENGINE_finish(pkcs11.running);
        pkcs11.running = NULL;
    }
    if (pkcs11.running)
        return 1;
    engine = ENGINE_by_id("pkcs11");
    /* Or it writes to standard error what it puts on the error queue. */
    if (engine)
        ENGINE_ctrl_cmd_string(engine, "QUIET", NULL, 1);
    if (engine && ENGINE_init(engine))
        pkcs11.running = engine;
    ENGINE_free(engine);
    return pkcs11.running != NULL;
}

static apr_status_t free_engine_key(void *key)
{
    pthread_mutex_lock(&pkcs11.mutex);
    EVP_PKEY_free(key);
    pkcs11.keys--;
    pthread_mutex_unlock(&pkcs11.mutex);
    return APR_SUCCESS;
}

EVP_PKEY *key_engine_load(apr_pool_t *pool, const char *uri, UI_METHOD *asks,
                          void *data, int anew)
{
    EVP_PKEY *key = NULL;

    pthread_mutex_lock(&pkcs11.mutex);
    if (run_engine(anew))
        key = ENGINE_load_private_key(pkcs11.running, uri, asks, data);
    if (key) {
        pkcs11.keys++;
        apr_pool_cleanup_register(pool, key, free_engine_key,
                                  apr_pool_cleanup_null);
    }
    pthread_mutex_unlock(&pkcs11.mutex);
    return key;
}

#else

void key_engine_begin(void)
{
}

EVP_PKEY *key_engine_load(apr_pool_t *pool, const char *uri, UI_METHOD *asks,
                          void *data, int anew)
{
    (void)pool, (void)uri, (void)asks, (void)data, (void)anew;
    return NULL;
}

#endif
