/* SPDX-License-Identifier: Apache-2.0
 * How each database writes what the queries of tables are made of. [pure] */
#ifndef RESPONDER_TABLE_DIALECT_H
#define RESPONDER_TABLE_DIALECT_H

#include "apr_pools.h"

/* Ways to write an expression; all results are text. In each '@' stands for
 * it. */
typedef enum {
    TABLE_AS_TEXT = 0,
    TABLE_AS_HEX,
    TABLE_AS_INSTANT,
    TABLE_AS_CLOCK,
    TABLE_AS_KIND, /* what the database takes it for */
    TABLE_WAYS
} table_way_t;

typedef struct {
    const char *driver;
    const char *ways[TABLE_WAYS];
    const char *text_is;    /* compares with a text, which a column of bytes may
                             * hold, too: each "?" stands for it */
    int texts;              /* … and how many these are */
    const char *numeric_is; /* compares with a number */
    const char *bytes_are;  /* compares with bytes, whose hex '#' stands for */
    int rounds;             /* numbers of more than 64 bits */
    int casts_to_hex;       /* bytes are "\\x…" when they are made text of */
} table_dialect_t;

/* That of a driver of mod_dbd's. Static; NULL if none is known. */
const table_dialect_t *table_dialect_find(const char *driver);

/* form, in pool, with text in the place of its first hole. */
const char *table_dialect_fill(apr_pool_t *pool, const char *form, char hole,
                               const char *text);

/* Whether TABLE_AS_KIND found a number. kind may be NULL, which is none. */
int table_dialect_is_number(const char *kind);

#endif
