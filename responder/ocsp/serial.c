/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/serial.h"

#include <string.h>
#include <openssl/evp.h>
#include "apr_lib.h"
#include "apr_strings.h"

#include "base/der_reader.h"
#include "base/hex.h"

static const char *without_zeros(const char *hex)
{
    hex += strspn(hex, "0");
    return *hex ? hex : "0";
}

/* -- as people write them -------------------------------------------------- */

/* Groups are pairs; the first or the last may be short. One in the middle
 * could be read as a digit or as a byte. */
static int group_fits(int size, int is_first, int is_last)
{
    return size == 2 || (size == 1 && (is_first || is_last));
}

const char *serial_parse(apr_pool_t *pool, const char *text)
{
    char *hex = apr_palloc(pool, strlen(text) + 1), *to = hex;
    int groups = 0, size = (int)strspn(text, "0123456789ABCDEF");

    /* As it stands in databases, and a configuration may name thousands. */
    memcpy(to, text, size);
    to += size;
    for (text += size; *text; text++) {
        const int digit = hex_digit(*text);

        if (*text == ':') {
            if (!group_fits(size, groups == 0, 0))
                return NULL;
            groups++;
            size = 0;
        }
        else if (digit >= 0) {
            *to++ = "0123456789ABCDEF"[digit];
            size++;
        }
        else if (*text != 'L' || text[1] || (to - hex) % 2 == 0)
            return NULL;
    }
    *to = '\0';
    if (groups ? !group_fits(size, 0, 1) : size == 0)
        return NULL;
    return without_zeros(hex);
}

int serial_was_meant(const char *text)
{
    int only_hex = text[strspn(text, "0123456789ABCDEFabcdef:")] == '\0';
    int short_groups = 1, colons = 0, size = 0;

    for (; *text; text++) {
        if (*text == ':') {
            colons++;
            size = 0;
        }
        else if (!apr_isalnum(*text) || ++size > 3)
            short_groups = 0;
    }
    return colons && (only_hex || short_groups);
}

/* -- as they stand in a certificate ---------------------------------------- */

/* As much DER as the PEM's base64 holds; data NULL when there is none. */
static bytes_t der_of_pem(apr_pool_t *pool, bytes_t pem)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    const char *text = apr_pstrmemdup(pool, (const char *)pem.data, pem.len);
    unsigned char *base64 = apr_palloc(pool, pem.len + 3);
    unsigned char *bytes = apr_palloc(pool, pem.len + 3);
    bytes_t none = { NULL, 0 }, der = { bytes, 0 };
    int length = 0, padding = 0, decoded;

    text = strstr(text, begin);
    if (!text)
        return none;
    for (text += strlen(begin); *text; text++) {
        if (apr_isalnum(*text) || *text == '+' || *text == '/')
            base64[length++] = (unsigned char)*text;
        else if (!apr_isspace(*text))
            break;
    }
    while ((length + padding) % 4)
        base64[length + padding++] = '=';
    decoded = EVP_DecodeBlock(bytes, base64, length + padding) - padding;
    if (decoded <= 0)
        return none;
    der.len = (apr_size_t)decoded;
    return der;
}

bytes_t serial_certificate_der(apr_pool_t *pool, bytes_t bytes)
{
    return bytes.len && *bytes.data != DER_SEQUENCE ? der_of_pem(pool, bytes)
                                                    : bytes;
}

/* Steps behind a header; what it announces need not be there. */
static int serial_enter(bytes_t *bytes, int tag, apr_uint64_t *length)
{
    apr_size_t header = 0;
    apr_uint64_t size = bytes->data ? der_size(*bytes, tag, &header) : 0;

    if (!size)
        return 0;
    bytes->data += header;
    bytes->len -= header;
    *length = size - header;
    return 1;
}

const char *serial_text(apr_pool_t *pool, const unsigned char *bytes,
                        apr_size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    char *hex = apr_palloc(pool, 2 * length + 1), *to = hex;
    apr_size_t i;

    for (i = 0; i < length; i++) {
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 0x0F];
    }
    *to = '\0';
    return without_zeros(hex);
}

const char *serial_of_certificate(apr_pool_t *pool, bytes_t bytes)
{
    bytes_t der = serial_certificate_der(pool, bytes);
    apr_uint64_t length;

    if (!serial_enter(&der, DER_SEQUENCE, &length)
        || !serial_enter(&der, DER_SEQUENCE, &length))
        return NULL;
    if (serial_enter(&der, DER_CONTEXT(0), &length)) { /* the version */
        if (length > der.len)
            return NULL;
        der.data += length;
        der.len -= (apr_size_t)length;
    }
    if (!serial_enter(&der, DER_INTEGER, &length) || length < 1
        || length > der.len || *der.data & 0x80)
        return NULL;
    return serial_text(pool, der.data, (apr_size_t)length);
}
