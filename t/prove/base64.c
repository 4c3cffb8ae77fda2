/* SPDX-License-Identifier: Apache-2.0
 * base64_decode(): any 9 characters of base64 are decoded into the room that
 * they need, and to the bits that they stand for. */
#include "prove.h"
#include "../../responder/ocsp/get_path.c"

#define MAX 9

/* unwind: 11
 * with: responder/base/hex.c t/prove/pools.c */
int main(void)
{
    const bytes_t text = any_bytes(MAX);
    const size_t room = text.len * 6 / 8;
    unsigned char *out = malloc(room ? room : 1);
    apr_size_t i, len;

    ASSUME(out != NULL);
    for (i = 0; i < text.len; i++)
        ASSUME(sextet(text.data[i]) >= 0);
    len = base64_decode(out, text.data, text.len);
    PROVED(len == room, "as many bytes as fit");
    PROVED(base64_chars(len) <= text.len, "as many characters as they need");
    for (i = 0; i < len; i++) {
        const int first = sextet(text.data[i * 8 / 6]);
        const int second = sextet(text.data[i * 8 / 6 + 1]);
        const int shift = 2 * (int)(i % 3) + 2;

        PROVED(out[i]
                   == (unsigned char)(first << shift | second >> (6 - shift)),
               "its bits");
    }
    return 0;
}
