/* SPDX-License-Identifier: Apache-2.0
 * What a certificate says of itself. */
#include "ocsp/certificate.h"

#include <string.h>
#include <time.h>
#include "apr_escape.h"
#include "apr_strings.h"
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include "base/calendar.h"
#include "base/openssl_error.h"

static const char *serial_hex(apr_pool_t *pool, const BIGNUM *serial)
{
    char *hex = BN_bn2hex(serial);
    const char *digits = hex, *text;

    if (!hex)
        return NULL;
    if (*digits == '-')
        digits++;
    digits += strspn(digits, "0");
    text =
        apr_pstrcat(pool, *hex == '-' ? "-" : "", *digits ? digits : "0", NULL);
    OPENSSL_free(hex);
    return text;
}

const char *certificate_serial(apr_pool_t *pool, const X509 *certificate)
{
    BIGNUM *bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    const char *text = bn ? serial_hex(pool, bn) : NULL;

    BN_free(bn);
    return text;
}

const char *certificate_cn(apr_pool_t *pool, const X509 *certificate)
{
    const X509_NAME *name = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    unsigned char *text = NULL;
    const char *cn = "";
    int length;

    if (at < 0)
        return cn;
    length = ASN1_STRING_to_UTF8(
        &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (length >= 0)
        cn = bytes_text(pool, (char *)text, (apr_size_t)length);
    OPENSSL_free(text);
    return cn;
}

const X509_ALGOR *certificate_key_algorithm(const X509 *certificate)
{
    X509_ALGOR *algorithm = NULL;

    X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm,
                           X509_get_X509_PUBKEY(certificate));
    return algorithm;
}

/* By its parts, which neither time_t nor the year 1970 limits; and nothing that
 * needs memory, for want of which a certificate would seem to be none. */
int certificate_time(apr_time_t *result, const ASN1_TIME *time)
{
    struct tm tm;
    apr_int64_t seconds;
    int read = ASN1_TIME_to_tm(time, &tm);

    if (read) {
        const int part[CALENDAR_PARTS] = { tm.tm_year + 1900, tm.tm_mon + 1,
                                           tm.tm_mday,        tm.tm_hour,
                                           tm.tm_min,         tm.tm_sec };

        read = calendar_instant(part, &seconds);
    }
    if (read)
        *result = apr_time_from_sec(seconds);
    return read;
}

int certificate_validity(apr_time_t *not_before, apr_time_t *not_after,
                         const X509 *certificate)
{
    return certificate_time(not_before, X509_get0_notBefore(certificate))
        && certificate_time(not_after, X509_get0_notAfter(certificate));
}

int certificate_warm(X509 *certificate)
{
    int read = X509_check_purpose(certificate, -1, 0) == 1;

    if (read && !X509_get0_pubkey(certificate))
        ERR_clear_error();
    return read;
}

/* A certificate that names its algorithm in two ways is nobody's: OpenSSL says
 * no to that without a reason. */
static int names_one_algorithm(const X509 *certificate)
{
    const X509_ALGOR *algorithm;

    X509_get0_signature(NULL, &algorithm, certificate);
    return X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(certificate)) == 0;
}

/* OpenSSL does not tell of everything that it has found no memory for, so that
 * it is asked twice before a no counts. */
int certificate_is_signed_by(X509 *certificate, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    int tries;

    ERR_clear_error();
    if (!key)
        return -1;
    if (!names_one_algorithm(certificate))
        return 0;
    for (tries = 0; tries < 2; tries++) {
        ERR_clear_error();
        if (X509_verify(certificate, key) == 1)
            return 1;
    }
    return openssl_error_lacks_memory() ? -1 : 0;
}

const char *certificate_sha256(apr_pool_t *pool, const X509 *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    return X509_digest(certificate, EVP_sha256(), digest, &length)
        ? apr_pescape_hex(pool, digest, length, 0)
        : NULL;
}

bytes_t certificate_encode(apr_pool_t *pool, const ASN1_ITEM *item,
                           const void *object)
{
    unsigned char *made = NULL;
    const int length = ASN1_item_i2d(object, &made, item);
    bytes_t der = { NULL, 0 };

    if (length > 0)
        der = bytes_copy(pool, made, (apr_size_t)length);
    OPENSSL_free(made);
    return der;
}

int certificate_der(bytes_t *der, apr_pool_t *pool, const X509 *certificate)
{
    *der = certificate_encode(pool, ASN1_ITEM_rptr(X509), certificate);
    return der->data != NULL;
}
