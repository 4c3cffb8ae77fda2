/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_spelling.h"

#include <string.h>

#include "apr_escape.h"
#include "apr_strings.h"

/* Divides it by a thousand million, nine digits, and returns the rest. */
static apr_uint32_t divide_serial(unsigned char *from, const unsigned char *end)
{
    apr_uint64_t rest = 0;

    for (; from < end; from++) {
        rest = rest << 8 | *from;
        *from = (unsigned char)(rest / 1000000000);
        rest %= 1000000000;
    }
    return (apr_uint32_t)rest;
}

/* libcrypto may have no memory for it, and then no row would have it. */
static const char *decimal_of(apr_pool_t *pool, bytes_t serial)
{
    unsigned char *from = apr_pmemdup(pool, serial.data, serial.len);
    const unsigned char *end = from + serial.len;
    char *at =
        (char *)apr_palloc(pool, 3 * serial.len + 10) + 3 * serial.len + 9;

    *at = '\0';
    do {
        apr_uint32_t nine = divide_serial(from, end);
        int i;

        for (i = 0; i < 9; i++, nine /= 10)
            *--at = (char)('0' + nine % 10);
        while (from < end && !*from)
            from++;
    } while (from < end);
    at += strspn(at, "0");
    return *at ? at : "0";
}

/* Digits without leading zeros, or with as many as the table has. */
static const char *table_spelling_hex_of(apr_pool_t *pool, bytes_t serial,
                                         const table_t *table)
{
    const char *hex =
        serial.len ? apr_pescape_hex(pool, serial.data, serial.len, 0) : "00";
    const int width = table->serial_width;

    if (width >= 0 && *hex == '0')
        hex++;
    if ((int)strlen(hex) < width)
        hex =
            apr_pstrcat(pool,
                        apr_psprintf(pool, "%0*d", width - (int)strlen(hex), 0),
                        hex, NULL);
    return hex;
}

const char *table_spelling(apr_pool_t *pool, bytes_t serial,
                           const table_t *table)
{
    const char *hex;
    char *upper, *c;

    if (table->serial_form == TABLE_SERIAL_BYTES)
        return serial.len ? apr_pescape_hex(pool, serial.data, serial.len, 0)
                          : "00";
    if (table->serial_form == TABLE_SERIAL_DECIMAL
        || table->serial_form == TABLE_SERIAL_NUMERIC)
        return decimal_of(pool, serial);
    hex = table_spelling_hex_of(pool, serial, table);
    if (table->serial_form == TABLE_SERIAL_LOWER)
        return hex;
    upper = apr_pstrdup(pool, hex);
    for (c = upper; *c; c++)
        *c = *c >= 'a' ? (char)(*c - 'a' + 'A') : *c;
    return upper;
}
