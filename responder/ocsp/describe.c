/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/describe.h"

#include "apr_strings.h"
#include <openssl/err.h>

const char *describe_name(apr_pool_t *pool, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = "";
    char *data;
    long length;

    if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
        length = BIO_get_mem_data(bio, &data);
        text = apr_pstrmemdup(pool, data, (apr_size_t)length);
    }
    BIO_free(bio);
    ERR_clear_error();
    return text;
}

const char *describe_key(apr_pool_t *pool, const EVP_PKEY *key)
{
    const char *type = EVP_PKEY_get0_type_name(key);
    char group[64];
    size_t length;

    if (!type)
        return "unknown";
    if (EVP_PKEY_get_group_name(key, group, sizeof(group), &length))
        return apr_pstrcat(pool, type, " ", group, NULL);
    ERR_clear_error();
    if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS")
        || EVP_PKEY_is_a(key, "DSA"))
        return apr_psprintf(pool, "%s %d", type, EVP_PKEY_get_bits(key));
    return apr_pstrdup(pool, type);
}
