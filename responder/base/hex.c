/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <string.h>

#include "apr_lib.h"

/* Without a branch, which a processor would guess wrong for every other digit:
 * OpenSSL's OPENSSL_hexstr2buf_ex() takes four times as long. */
static unsigned value_of(char digit)
{
    return (unsigned)(digit & 0x0F) + 9 * ((unsigned char)digit >> 6);
}

bytes_t hex_bytes(apr_pool_t *pool, const char *hex)
{
    const size_t digits = hex ? strlen(hex) : 0;
    bytes_t none = { NULL, 0 }, found = { NULL, digits / 2 };
    unsigned char *bytes;
    size_t i;

    if (!digits || digits % 2)
        return none;
    found.data = bytes = apr_palloc(pool, found.len);
    for (i = 0; i < found.len; i++, hex += 2) {
        if (!apr_isxdigit(hex[0]) || !apr_isxdigit(hex[1]))
            return none;
        bytes[i] = (unsigned char)(value_of(hex[0]) << 4 | value_of(hex[1]));
    }
    return found;
}
