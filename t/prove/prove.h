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

/* Any bytes, at most max of them, in memory of exactly that size. */
static inline bytes_t any_bytes(size_t max)
{
    size_t len = nondet_size_t(), i;
    unsigned char *data;

    ASSUME(len <= max);
    data = malloc(len ? len : 1);
    ASSUME(data != NULL);
    for (i = 0; i < len; i++)
        data[i] = nondet_uchar();
    return (bytes_t){ data, len };
}

/* Any text of at most max characters. */
static inline char *any_text(size_t max)
{
    size_t len = nondet_size_t(), i;
    char *text;

    ASSUME(len <= max);
    text = malloc(len + 1);
    ASSUME(text != NULL);
    for (i = 0; i < len; i++) {
        text[i] = (char)nondet_uchar();
        ASSUME(text[i] != '\0');
    }
    text[len] = '\0';
    return text;
}

#endif
