/* SPDX-License-Identifier: Apache-2.0
 * Heads of certificates, as the queries cut them, with a serial of choice. */
#ifndef T_UNIT_HEAD_H
#define T_UNIT_HEAD_H

#include <apr_escape.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include "base/bytes.h"
#include "tap.h"

/* The first bytes of a DER certificate; serial is the INTEGER's contents in
 * hex. The lengths announce more than is there. */
static bytes_t head_der(apr_pool_t *pool, const char *serial)
{
    const char *hex =
        apr_psprintf(pool,
                     "30820467"
                     "3082034F"
                     "A003020102"
                     "02%02X%s"
                     "300D06092A864886F70D01010D0500303231", /* and so on */
                     (unsigned int)strlen(serial) / 2, serial);
    bytes_t head;

    head.data = apr_punescape_hex(pool, hex, 0, &head.len);
    return head;
}

/* The same in PEM, cut within a line. */
__attribute__((unused)) static bytes_t head_pem(apr_pool_t *pool,
                                                const char *serial)
{
    bytes_t der = head_der(pool, serial), head;
    unsigned char *base64 = apr_pcalloc(pool, der.len * 2 + 4);
    const char *text;

    EVP_EncodeBlock(base64, der.data, (int)(der.len - der.len % 3));
    text = apr_psprintf(pool, "-----BEGIN CERTIFICATE-----\n%.20s\n%sA", base64,
                        base64 + 20);
    head.data = (const unsigned char *)text;
    head.len = strlen(text);
    return head;
}

/* As SQL's hex() has it. */
__attribute__((unused)) static const char *head_hex(apr_pool_t *pool,
                                                    bytes_t head)
{
    return apr_pescape_hex(pool, head.data, head.len, 0);
}

#endif
