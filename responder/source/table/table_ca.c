/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_ca.h"

#include <limits.h>

#include "apr_encode.h"
#include "apr_escape.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include "base/der_reader.h"
#include "base/openssl_error.h"

static X509 *parse(bytes_t bytes)
{
    const unsigned char *at = bytes.data;
    BIO *bio;
    X509 *certificate;

    if (bytes.len > INT_MAX)
        return NULL;
    if (bytes.len > 0 && *bytes.data == DER_SEQUENCE)
        return d2i_X509(NULL, &at, (long)bytes.len);
    bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
    certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return certificate;
}

static bytes_t copy(apr_pool_t *pool, const void *data, apr_size_t length)
{
    const bytes_t bytes = { apr_pmemdup(pool, data, length), length };

    return bytes;
}

static bytes_t subject_of(apr_pool_t *pool, const X509_NAME *name)
{
    unsigned char *der = NULL;
    const int length = i2d_X509_NAME(name, &der);
    bytes_t subject = { NULL, 0 };

    if (length > 0)
        subject = copy(pool, der, (apr_size_t)length);
    OPENSSL_free(der);
    return subject;
}

static bytes_t key_id_of(apr_pool_t *pool, X509 *certificate)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(certificate);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    if (id)
        return copy(pool, ASN1_STRING_get0_data(id),
                    (apr_size_t)ASN1_STRING_length(id));
    X509_pubkey_digest(certificate, EVP_sha1(), digest, &length);
    return copy(pool, digest, length);
}

static bytes_t der_of(apr_pool_t *pool, X509 *certificate)
{
    unsigned char *der = NULL;
    const int length = i2d_X509(certificate, &der);
    const bytes_t bytes = copy(pool, der ? der : (const unsigned char *)"",
                               length > 0 ? (apr_size_t)length : 0);

    OPENSSL_free(der);
    return bytes;
}

const table_ca_facts_t *table_ca_read(apr_pool_t *pool, bytes_t bytes,
                                      const char **why)
{
    table_ca_facts_t *facts = apr_pcalloc(pool, sizeof(*facts));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    X509 *certificate;

    ERR_clear_error();
    certificate = parse(bytes);
    if (!certificate) {
        *why = openssl_error(pool, "it is no certificate in PEM or DER");
        return NULL;
    }
    facts->subject = subject_of(pool, X509_get_subject_name(certificate));
    facts->key_id = key_id_of(pool, certificate);
    X509_digest(certificate, EVP_sha1(), digest, &length);
    facts->sha1 = copy(pool, digest, length);
    facts->der = der_of(pool, certificate);
    X509_free(certificate);
    ERR_clear_error();
    return facts;
}

/* -- how tables write it --------------------------------------------------- */

static const char *hex_of(apr_pool_t *pool, bytes_t bytes)
{
    return apr_pescape_hex(pool, bytes.data, bytes.len, 0);
}

static const char *base64_of(apr_pool_t *pool, bytes_t bytes)
{
    return apr_pencode_base64_binary(pool, bytes.data, (apr_ssize_t)bytes.len,
                                     APR_ENCODE_NONE, NULL);
}

const char *table_ca_value(const table_ca_facts_t *facts, apr_pool_t *pool,
                           table_ca_t form, const char *argument)
{
    switch (form) {
    case TABLE_CA_ARGUMENT:
        return argument;
    case TABLE_CA_SKI_HEX:
        return hex_of(pool, facts->key_id);
    case TABLE_CA_SHA1_HEX:
        return hex_of(pool, facts->sha1);
    case TABLE_CA_SHA1_BASE64URL:
        return apr_pencode_base64_binary(pool, facts->sha1.data,
                                         (apr_ssize_t)facts->sha1.len,
                                         APR_ENCODE_URL | APR_ENCODE_NOPADDING,
                                         NULL);
    case TABLE_CA_BASE64:
        return base64_of(pool, facts->der);
    default:
        return NULL;
    }
}

/* -- whose a certificate is ------------------------------------------------ */

static int has_serial(const X509 *certificate, bytes_t serial)
{
    BIGNUM *own = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    BIGNUM *asked = BN_bin2bn(serial.data, (int)serial.len, NULL);
    const int has = own && asked && BN_cmp(own, asked) == 0;

    BN_free(own);
    BN_free(asked);
    return has;
}

static int has_issuer(X509 *certificate, const table_ca_facts_t *facts)
{
    const unsigned char *at = facts->subject.data;
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)facts->subject.len);
    const ASN1_OCTET_STRING *id = X509_get0_authority_key_id(certificate);
    const int has = name
        && X509_NAME_cmp(name, X509_get_issuer_name(certificate)) == 0
        && (!id
            || bytes_equal(facts->key_id, ASN1_STRING_get0_data(id),
                           (apr_size_t)ASN1_STRING_length(id)));

    X509_NAME_free(name);
    return has;
}

int table_ca_has_issued(const table_ca_facts_t *facts, bytes_t der,
                        bytes_t serial)
{
    X509 *certificate = parse(der);
    int has = -1;

    if (certificate)
        has = has_serial(certificate, serial) && has_issuer(certificate, facts);
    X509_free(certificate);
    ERR_clear_error();
    return has;
}
