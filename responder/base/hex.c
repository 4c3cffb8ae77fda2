/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <string.h>

/* OpenSSL's OPENSSL_hexstr2buf_ex() takes four times as long. */
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
        const int high = hex_digit(hex[0]), low = hex_digit(hex[1]);

        if (high < 0 || low < 0)
            return none;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return found;
}
