/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

bytes_t hex_bytes(apr_pool_t *pool, const char *hex)
{
    const size_t room = hex ? strlen(hex) / 2 : 0;
    unsigned char *bytes = room ? apr_palloc(pool, room) : NULL;
    bytes_t found = { NULL, 0 };
    size_t length;

    ERR_set_mark();
    if (bytes && OPENSSL_hexstr2buf_ex(bytes, room, &length, hex, '\0'))
        found = (bytes_t){ bytes, length };
    ERR_pop_to_mark();
    return found;
}
