/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/crl_file.h"

#include <limits.h>
#include <string.h>

#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include "base/der_reader.h"
#include "ocsp/certificate.h"
#include "ocsp/owned.h"
#include "source/crl/revocation_list.h"

#define PEM_HEAD   "-----BEGIN "
#define PEM_TAIL   "-----END "
#define PEM_DASHES "-----"

#define NEITHER "it is neither a CRL nor a certificate, in PEM or DER"

/* -- from PEM -------------------------------------------------------------- */

/* Finds text in bytes; NULL if it is not there. */
static const unsigned char *crl_file_find(bytes_t bytes, const char *text)
{
    const apr_size_t length = strlen(text);
    const unsigned char *at = bytes.data, *end = bytes.data + bytes.len;

    while ((apr_size_t)(end - at) >= length
           && (at = memchr(at, *text, (apr_size_t)(end - at) - length + 1))) {
        if (memcmp(at, text, length) == 0)
            return at;
        at++;
    }
    return NULL;
}

/* Takes what stands before text, and text, off *rest. 0 when it is not there.
 */
static int take_until(bytes_t *rest, const char *text, bytes_t *before)
{
    const unsigned char *at = crl_file_find(*rest, text);

    if (!at)
        return 0;
    before->data = rest->data;
    before->len = (apr_size_t)(at - rest->data);
    rest->data = at + strlen(text);
    rest->len -= before->len + strlen(text);
    return 1;
}

static int is_label(bytes_t label, const char *name)
{
    return bytes_are(label, name, strlen(name));
}

/* Keys and the like are passed over. */
static int is_wanted(bytes_t label)
{
    return is_label(label, PEM_STRING_X509_CRL)
        || is_label(label, PEM_STRING_X509)
        || is_label(label, PEM_STRING_X509_OLD);
}

/* Decodes base64, with line breaks in it, behind what is in *der. */
static int decode(bytes_t base64, unsigned char *room, apr_size_t *length)
{
    EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
    int size = 0, last = 0, is_decoded = 0;

    if (context) {
        EVP_DecodeInit(context);
        is_decoded = EVP_DecodeUpdate(context, room + *length, &size,
                                      base64.data, (int)base64.len)
                >= 0
            && EVP_DecodeFinal(context, room + *length + size, &last) == 1;
    }
    EVP_ENCODE_CTX_free(context);
    *length += (apr_size_t)(size + last);
    return is_decoded;
}

/* Puts what the blocks have one behind the other: not by PEM_read_bio(), which
 * would need the memory of a large one four times. room is as large as the PEM.
 */
static int convert_blocks(bytes_t pem, unsigned char *room, apr_size_t *length)
{
    bytes_t ignored, label, body, end;

    while (take_until(&pem, PEM_HEAD, &ignored)) {
        if (!take_until(&pem, PEM_DASHES, &label)
            || !take_until(&pem, PEM_TAIL, &body)
            || !take_until(&pem, PEM_DASHES, &end) || !bytes_equal(end, label)
            || (is_wanted(label) && !decode(body, room, length)))
            return 0;
    }
    return 1;
}

static bytes_t convert_pem(apr_pool_t *pool, bytes_t pem, const char **why)
{
    bytes_t der = { NULL, 0 };
    unsigned char *room = pem.len <= INT_MAX ? apr_palloc(pool, pem.len) : NULL;

    if (!room)
        *why = "there is not enough memory to read it";
    else if (!convert_blocks(pem, room, &der.len))
        *why = "its PEM cannot be read";
    else if (der.len == 0)
        *why = "there is neither a CRL nor a certificate in it";
    else
        der.data = room;
    return der;
}

bytes_t crl_file_convert(apr_pool_t *pool, bytes_t bytes, const char **why)
{
    bytes_t der = { NULL, 0 };

    if (bytes.len > 0 && *bytes.data == DER_SEQUENCE)
        der = bytes_copy(pool, bytes.data, bytes.len);
    else if (crl_file_find(bytes, PEM_HEAD))
        der = convert_pem(pool, bytes, why);
    else
        *why = NEITHER;
    return der;
}

/* -- parsed ---------------------------------------------------------------- */

static X509 *decode_certificate(bytes_t der)
{
    const unsigned char *at = der.data;
    X509 *certificate =
        der.len <= LONG_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;

    if (certificate && at == der.data + der.len)
        return certificate;
    X509_free(certificate);
    return NULL;
}

/* Whether all of a certificate is understood. libcrypto says so for good. */
static int is_understood(X509 *certificate)
{
    return certificate_warm(certificate) && X509_get0_pubkey(certificate);
}

/* The certificate that is all of the bytes; NULL if they are none. A key or an
 * extension for which libcrypto has found no memory looks as if it could not be
 * read, so that it is to be read again. */
static X509 *certificate_of(bytes_t der)
{
    X509 *certificate = decode_certificate(der);

    if (!certificate || is_understood(certificate))
        return certificate;
    X509_free(certificate);
    return decode_certificate(der);
}

/* DER does not say what it is. A CRL is no certificate, as it has a time where
 * that has its validity: a large one is not read twice. */
static int crl_file_add(crl_file_t *file, apr_pool_t *pool, bytes_t der,
                        const char **why)
{
    X509 *certificate = certificate_of(der);
    const revocation_list_t *list;

    if (certificate) {
        APR_ARRAY_PUSH(file->certificates, X509 *) =
            owned_certificate(pool, certificate);
        return 1;
    }
    list = revocation_list_parse(pool, &der, why);
    if (!list)
        return 0;
    APR_ARRAY_PUSH(file->lists, const revocation_list_t *) = list;
    return 1;
}

const crl_file_t *crl_file_parse(apr_pool_t *pool, bytes_t der,
                                 const char **why)
{
    crl_file_t *file = apr_palloc(pool, sizeof(*file));
    der_element_t one;
    int added = 0;

    file->lists = apr_array_make(pool, 1, sizeof(const revocation_list_t *));
    file->certificates = apr_array_make(pool, 1, sizeof(X509 *));
    ERR_clear_error();
    *why = NEITHER;
    do
        added = der_take(&der, DER_SEQUENCE, &one)
            && crl_file_add(file, pool, one.whole, why);
    while (added && der.len > 0);
    ERR_clear_error();
    return added ? file : NULL;
}
