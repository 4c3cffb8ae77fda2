/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_ca.h"

#include "apr_encode.h"
#include "apr_escape.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include "ocsp/certificate.h"
#include "ocsp/key_file.h"

/* Empty where it cannot be made. */
static bytes_t key_id_of(apr_pool_t *pool, X509 *certificate)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(certificate);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    if (id)
        return bytes_copy(pool, ASN1_STRING_get0_data(id),
                          (apr_size_t)ASN1_STRING_length(id));
    X509_pubkey_digest(certificate, EVP_sha1(), digest, &length);
    return bytes_copy(pool, digest, length);
}

const table_ca_facts_t *table_ca_read(apr_pool_t *pool, bytes_t bytes,
                                      const char **why)
{
    table_ca_facts_t *facts = apr_pcalloc(pool, sizeof(*facts));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    X509 *certificate = key_file_certificate(pool, bytes, why);
    int is_read;

    if (!certificate)
        return NULL;
    /* Before that it would seem to have no key identifier. */
    is_read = certificate_warm(certificate);
    facts->subject = certificate_encode(pool, ASN1_ITEM_rptr(X509_NAME),
                                        X509_get_subject_name(certificate));
    facts->key_id = key_id_of(pool, certificate);
    X509_digest(certificate, EVP_sha1(), digest, &length);
    facts->sha1 = bytes_copy(pool, digest, length);
    is_read &= certificate_der(&facts->der, pool, certificate)
        && facts->subject.data && facts->key_id.len && facts->sha1.len;
    ERR_clear_error();
    if (!is_read)
        *why = "holds a certificate that cannot be taken apart";
    return is_read ? facts : NULL;
}

/* -- how tables write it --------------------------------------------------- */

static const char *table_ca_hex_of(apr_pool_t *pool, bytes_t bytes)
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
        return table_ca_hex_of(pool, facts->key_id);
    case TABLE_CA_SHA1_HEX:
        return table_ca_hex_of(pool, facts->sha1);
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

static int is_number(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

static int is_uuid(const char *text)
{
    return strlen(text) == 36 && strspn(text, "-0123456789abcdefABCDEF") == 36;
}

int table_ca_is_value(table_ca_t form, const char *asked, const char *text)
{
    if (form == TABLE_CA_SKI_HEX || form == TABLE_CA_SHA1_HEX || is_uuid(text))
        return strcasecmp(asked, text) == 0;
    if (is_number(asked) && is_number(text)) {
        asked += strspn(asked, "0");
        text += strspn(text, "0");
    }
    return strcmp(asked, text) == 0;
}

/* -- whose a certificate is ------------------------------------------------ */

/* These say 1, 0, or -1 where there is no memory to tell. */

static int table_ca_has_serial(const X509 *certificate, bytes_t serial)
{
    BIGNUM *own = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    BIGNUM *asked = BN_bin2bn(serial.data, (int)serial.len, NULL);
    const int has = own && asked ? BN_cmp(own, asked) == 0 : -1;

    BN_free(own);
    BN_free(asked);
    return has;
}

static int table_ca_has_name(X509 *certificate, const table_ca_facts_t *facts)
{
    const unsigned char *at = facts->subject.data;
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)facts->subject.len);
    const int has =
        name ? X509_NAME_cmp(name, X509_get_issuer_name(certificate)) == 0 : -1;

    X509_NAME_free(name);
    return has;
}

/* Two CAs may have one name: without the key's identifier, its signature tells
 * whose it is. */
static int has_key(X509 *certificate, const table_ca_facts_t *facts)
{
    const ASN1_OCTET_STRING *id = X509_get0_authority_key_id(certificate);
    const unsigned char *at = facts->der.data;
    X509 *ca;
    int has;

    if (id)
        return bytes_are(facts->key_id, ASN1_STRING_get0_data(id),
                         (apr_size_t)ASN1_STRING_length(id));
    ca = d2i_X509(NULL, &at, (long)facts->der.len);
    has = ca ? certificate_is_signed_by(certificate, ca) : -1;
    X509_free(ca);
    return has;
}

int table_ca_has_issued(const table_ca_facts_t *facts, apr_pool_t *pool,
                        bytes_t certificate, bytes_t serial)
{
    const char *why;
    X509 *read = key_file_certificate(pool, certificate, &why);
    int has =
        read && certificate_warm(read) ? table_ca_has_serial(read, serial) : -1;

    if (has > 0)
        has = table_ca_has_name(read, facts);
    if (has > 0)
        has = has_key(read, facts);
    ERR_clear_error();
    return has;
}

int table_ca_is_ca(apr_pool_t *pool, bytes_t certificate)
{
    const char *why;
    X509 *read =
        certificate.data ? key_file_certificate(pool, certificate, &why) : NULL;
    const int is_ca = read && (X509_get_extension_flags(read) & EXFLAG_CA) != 0;

    ERR_clear_error();
    return is_ca;
}
