/* SPDX-License-Identifier: Apache-2.0
 * read_serial(): of any up to 6 characters in a row of index.txt, what is taken
 * is hex, with a sign or without, in its memory and with its value; and what is
 * not is told. */
#include "index_row.h"

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* unwind: 10
 * each: 6
 * with: responder/base/hex.c t/prove/pools.c */
int main(void)
{
    const size_t length = LENGTH;
    const bytes_t bytes = any_bytes_of(length);
    const char *text = (const char *)bytes.data;
    unsigned char *room = malloc((length + 1) / 2 ? (length + 1) / 2 : 1);
    const size_t sign = length > 0 && text[0] == '-';
    index_row_t row = { .fault = INDEX_ROW_FINE };
    unsigned long value = 0, read = 0;
    int is_hex = length > sign;
    size_t i;

    ASSUME(room != NULL);
    index_row_read_serial(&row, (field_t){ text, length }, room);
    for (i = sign; i < length; i++) {
        is_hex = is_hex && digit_of(text[i]) >= 0;
        value = value << 4 | (unsigned long)(digit_of(text[i]) & 15);
    }
    PROVED(row.has_serial == is_hex, "hex is taken and nothing else");
    PROVED(row.has_serial == index_row_is_safe(row.fault), "or it is told");
    if (!row.has_serial)
        return 0;
    PROVED(row.is_negative == (int)sign, "its sign");
    PROVED(row.serial.len == 0 || row.serial.data[0] != 0, "no leading zeros");
    for (i = 0; i < row.serial.len; i++)
        read = read << 8 | row.serial.data[i];
    PROVED(read == value, "its value");
    return 0;
}
