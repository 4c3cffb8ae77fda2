/* SPDX-License-Identifier: Apache-2.0
 * serial_parse(): any text of up to 5 characters is read within its bounds, and
 * what comes of it is upper-case hex without leading zeros. */
#include "prove.h"
#include "ocsp/serial.h"

/* unwind: 8
 * unwindset: strchr.0:24
 * with: responder/base/hex.c responder/ocsp/serial.c t/prove/pools.c */
int main(void)
{
    const char *text = any_text(5);
    const char *serial = serial_parse(NULL, text);
    size_t i, len;

    if (!serial)
        return 0;
    len = strlen(serial);
    PROVED(len >= 1 && len <= strlen(text), "not longer than the text");
    PROVED(serial[0] != '0' || len == 1, "no leading zeros");
    for (i = 0; i < len; i++)
        PROVED((serial[i] >= '0' && serial[i] <= '9')
                   || (serial[i] >= 'A' && serial[i] <= 'F'),
               "digits");
    return 0;
}
