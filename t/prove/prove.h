/* SPDX-License-Identifier: Apache-2.0
 * What the harnesses for CBMC share: inputs that may be anything, and APR's
 * pools as plain memory. Each harness says what it proves and within which
 * bounds; CBMC's own checks (bounds, pointers, overflow, unwinding) come on
 * top. */
#ifndef T_PROVE_PROVE_H
#define T_PROVE_PROVE_H

#include <stdlib.h>
#include <string.h>
#include "apr.h"
#include "base/bytes.h"

unsigned char nondet_uchar(void);
int nondet_int(void);
long long nondet_longlong(void);
size_t nondet_size_t(void);
void __CPROVER_assume(_Bool holds);
void __CPROVER_assert(_Bool holds, const char *what);

#define ASSUME(holds)       __CPROVER_assume(holds)
#define PROVED(holds, what) __CPROVER_assert(holds, what)

/* Any so many bytes, in memory of exactly that size. Where readers do much, one
 * length after another is proved faster than all at once. */
static inline bytes_t any_bytes_of(size_t len)
{
    unsigned char *data = malloc(len ? len : 1);
    size_t i;

    ASSUME(data != NULL);
    for (i = 0; i < len; i++)
        data[i] = nondet_uchar();
    return (bytes_t){ data, len };
}

/* Any bytes, at most max of them. */
static inline bytes_t any_bytes(size_t max)
{
    size_t len = nondet_size_t();

    ASSUME(len <= max);
    return any_bytes_of(len);
}

/* Any text of so many characters. */
static inline char *any_text_of(size_t len)
{
    char *text = malloc(len + 1);
    size_t i;

    ASSUME(text != NULL);
    for (i = 0; i < len; i++) {
        text[i] = (char)nondet_uchar();
        ASSUME(text[i] != '\0');
    }
    text[len] = '\0';
    return text;
}

/* Any text of at most max characters. */
static inline char *any_text(size_t max)
{
    size_t len = nondet_size_t();

    ASSUME(len <= max);
    return any_text_of(len);
}

#endif
