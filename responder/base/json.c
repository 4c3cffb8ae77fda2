/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <string.h>

#include "apr_strings.h"
#include <openssl/asn1.h>

const char *json_string(apr_pool_t *pool, const char *text)
{
    const size_t length = strlen(text);
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    char *made = apr_palloc(pool, length * 6 + 3), *to = made;
    unsigned long character;

    *to++ = '"';
    while (at < end) {
        const int size = UTF8_getc(at, (int)(end - at), &character);

        if (size < 1 || character < 0x20) {
            to += apr_snprintf(to, 7, "\\u%04x", *at++);
            continue;
        }
        if (character == '"' || character == '\\')
            *to++ = '\\';
        memcpy(to, at, (size_t)size);
        to += size;
        at += size;
    }
    *to++ = '"';
    *to = '\0';
    return made;
}
