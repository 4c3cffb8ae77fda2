/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/owned.h"

#define OWNED(name, type, release) \
    static apr_status_t release_##name(void *object) \
    { \
        release(object); \
        return APR_SUCCESS; \
    } \
    type *owned_##name(apr_pool_t *pool, type *object) \
    { \
        if (object) \
            apr_pool_cleanup_register(pool, object, release_##name, \
                                      apr_pool_cleanup_null); \
        return object; \
    }

OWNED(certificate, X509, X509_free)
OWNED(key, EVP_PKEY, EVP_PKEY_free)
OWNED(response, OCSP_RESPONSE, OCSP_RESPONSE_free)
OWNED(basic, OCSP_BASICRESP, OCSP_BASICRESP_free)

X509 *owned_shared_certificate(apr_pool_t *pool, X509 *certificate)
{
    return owned_certificate(
        pool, certificate && X509_up_ref(certificate) ? certificate : NULL);
}

EVP_PKEY *owned_shared_key(apr_pool_t *pool, EVP_PKEY *key)
{
    return owned_key(pool, key && EVP_PKEY_up_ref(key) ? key : NULL);
}
