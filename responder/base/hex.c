/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

/* A digit's value and 0x10; 0 for what is none. Each answer decodes two heads
 * of certificates, for which apr_unescape_hex() takes a quarter of its time. */
static const unsigned char digits[256] = {
    ['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14,
    ['5'] = 0x15, ['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19,
    ['A'] = 0x1A, ['B'] = 0x1B, ['C'] = 0x1C, ['D'] = 0x1D, ['E'] = 0x1E,
    ['F'] = 0x1F, ['a'] = 0x1A, ['b'] = 0x1B, ['c'] = 0x1C, ['d'] = 0x1D,
    ['e'] = 0x1E, ['f'] = 0x1F,
};

bytes_t hex_octets(apr_pool_t *pool, const char *hex)
{
    const unsigned char *from = (const unsigned char *)hex;
    const apr_size_t length = hex ? strlen(hex) / 2 : 0;
    bytes_t found = { NULL, 0 };
    unsigned char *bytes;
    apr_size_t i;

    if (!length || from[2 * length] != '\0')
        return found;
    bytes = apr_palloc(pool, length);
    for (i = 0; i < length; i++) {
        unsigned high = digits[from[2 * i]], low = digits[from[2 * i + 1]];

        if (!high || !low)
            return found;
        bytes[i] = (unsigned char)(high << 4 | (low & 0x0F));
    }
    found.data = bytes;
    found.len = length;
    return found;
}
