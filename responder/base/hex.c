/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <string.h>

const unsigned char hex_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16
};

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
        const int byte = hex_digit(hex[0]) * 16 | hex_digit(hex[1]);

        if (byte < 0)
            return none;
        bytes[i] = (unsigned char)byte;
    }
    return found;
}
