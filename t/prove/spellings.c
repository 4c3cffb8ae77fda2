/* SPDX-License-Identifier: Apache-2.0
 * What a serial of up to 8 digits looks like in django-ca's column is within
 * its memory and has the digits in their order; and so many spellings of up to
 * 17 digits as there are have room. */
#include "prove.h"
#include "../../responder/source/django_ca/spellings.c"

#define MAX 17

/* spell(): which digits they are does not matter to it. */
static void prove_spelling(size_t length, const char *tail, int colons)
{
    const char *hex = (const char *)any_bytes_of(length).data;
    const size_t pairs = colons ? (length - 1) / 2 : 0;
    const size_t behind = *tail ? 1 + (colons && length % 2 == 0) : 0;
    const size_t size = length + pairs + behind + 1;
    char *text = malloc(size);
    size_t i;

    ASSUME(text != NULL);
    PROVED(spell(text, hex, length, tail, colons) == text + size, "its length");
    PROVED(text[size - 1] == '\0', "its end");
    for (i = 0; i + 1 < size; i++) {
        if (*tail && i + 2 == size)
            PROVED(text[i] == 'L', "an L at the end");
        else if (colons && i % 3 == 2)
            PROVED(text[i] == ':', "colons between pairs");
        else
            PROVED(text[i] == hex[colons ? i - i / 3 : i], "the digits");
    }
}

static void prove_list(size_t length, int colons)
{
    char hex[MAX + 1] = "123456789ABCDEF01";
    const char *list[SPELLINGS];
    int count, i;

    hex[length] = '\0';
    count = list_spellings(NULL, hex, colons, list);
    PROVED(count == spellings_count(length % 2, colons), "how many");
    PROVED(count <= SPELLINGS, "there is room");
    for (i = 0; i < count; i++)
        PROVED(strlen(list[i]) + 1 >= length, "each is there");
}

/* unwind: 40
 * each: 8
 * with: t/prove/pools.c */
int main(void)
{
    if (LENGTH > 0) {
        prove_spelling(LENGTH, "", 0);
        prove_spelling(LENGTH, "", 1);
        prove_spelling(LENGTH, "L", 0);
        prove_spelling(LENGTH, "L", 1);
    }
    prove_list(LENGTH, 0);
    prove_list(LENGTH, 1);
    prove_list(LENGTH + 9, 1);
    return 0;
}
