/* SPDX-License-Identifier: Apache-2.0
 * split() and take(): any line of up to 7 characters of index.txt is cut at its
 * tabs and nowhere else, within its memory, however many there are. */
#include "index_row.h"

/* unwind: 10
 * each: 7
 * with: responder/base/hex.c t/prove/pools.c */
int main(void)
{
    const bytes_t bytes = any_bytes_of(LENGTH);
    const char *line = (const char *)bytes.data;
    field_t fields[FIELDS] = { { NULL, 0 } };
    const int count = index_row_split((field_t){ line, bytes.len }, fields);
    const char *at = line;
    int tabs = 0, nth;
    size_t i;

    for (i = 0; i < bytes.len; i++)
        tabs += line[i] == '\t';
    PROVED(count == tabs + 1, "as many as tabs set apart");
    for (nth = 0; nth < count && nth < FIELDS; nth++) {
        PROVED(fields[nth].text == at, "each begins behind the last one's tab");
        for (i = 0; i < fields[nth].length; i++)
            PROVED(at[i] != '\t', "none holds a tab");
        at += fields[nth].length;
        PROVED(at <= line + bytes.len, "none goes beyond the line");
        PROVED(nth + 1 == count ? at == line + bytes.len : *at++ == '\t',
               "each ends at a tab, the last with the line");
    }
    return 0;
}
