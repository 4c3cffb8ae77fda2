/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <openssl/crypto.h>

typedef struct {
    apr_size_t size;
    unsigned char room[];
} secret_t;

static apr_status_t wipe(void *data)
{
    secret_t *secret = data;

    OPENSSL_cleanse(secret->room, secret->size);
    return APR_SUCCESS;
}

unsigned char *secret_room(apr_pool_t *pool, apr_size_t size)
{
    secret_t *secret = apr_palloc(pool, sizeof(*secret) + size);

    secret->size = size;
    apr_pool_cleanup_register(pool, secret, wipe, apr_pool_cleanup_null);
    return secret->room;
}

bytes_t secret_copy(apr_pool_t *pool, bytes_t bytes)
{
    unsigned char *room = secret_room(pool, bytes.len);

    if (bytes.len)
        memcpy(room, bytes.data, bytes.len);
    return (bytes_t){ room, bytes.len };
}
