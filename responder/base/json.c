/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <string.h>

const char *json_string(apr_pool_t *pool, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    char *made = apr_palloc(pool, strlen(text) * 6 + 3), *to = made;

    *to++ = '"';
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20) {
            memcpy(to, "\\u00", 4);
            to[4] = hex[c >> 4];
            to[5] = hex[c & 15];
            to += 6;
            continue;
        }
        if (c == '"' || c == '\\')
            *to++ = '\\';
        *to++ = (char)c;
    }
    *to++ = '"';
    *to = '\0';
    return made;
}
