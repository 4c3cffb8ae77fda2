/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <string.h>

/* The value of a digit, -1 for anything else. */
static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' - 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bytes_t hex_octets(apr_pool_t *pool, const char *hex)
{
    apr_size_t length = hex ? strlen(hex) : 0, i;
    unsigned char *octets = apr_palloc(pool, length / 2 + 1);
    bytes_t none = { NULL, 0 }, found = { octets, length / 2 };

    if (length == 0 || length % 2)
        return none;
    for (i = 0; i < length / 2; i++) {
        int high = digit_of(hex[2 * i]), low = digit_of(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return none;
        octets[i] = (unsigned char)(high << 4 | low);
    }
    return found;
}
