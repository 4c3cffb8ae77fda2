/* SPDX-License-Identifier: Apache-2.0
 * percent_decode(): any path of up to 9 characters is decoded within its
 * bounds, to no more than it has, and nothing behind a '?'. */
#include "prove.h"
#include "../../responder/ocsp/get_path.c"

/* unwind: 11
 * with: responder/base/hex.c t/prove/pools.c */
int main(void)
{
    const char *raw = any_text(9);
    apr_size_t len, i, percents = 0;
    const unsigned char *text = percent_decode(NULL, raw, &len);

    PROVED(len <= strcspn(raw, "?"), "not longer than the path");
    for (i = 0; raw[i] && raw[i] != '?'; i++)
        percents += raw[i] == '%';
    PROVED(len + 2 * percents >= i, "not shorter than it can be");
    if (len && !percents)
        PROVED(memcmp(text, raw, len) == 0, "the same without a '%'");
    return 0;
}
