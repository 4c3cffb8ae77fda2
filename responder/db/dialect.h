/* SPDX-License-Identifier: Apache-2.0
 * What SQLite, PostgreSQL and MariaDB (or MySQL) each call the same thing. */
#ifndef RESPONDER_DIALECT_H
#define RESPONDER_DIALECT_H

#include "apr_pools.h"

/* In the place of a column's type: it is there and may not be read. */
#define DIALECT_FORBIDDEN "forbidden"

/* Ways to write a column, or hex, as an expression. All results but the one of
 * the condition are text. */
typedef enum {
    DIALECT_TEXT = 0,    /* a number or text */
    DIALECT_VALUE,       /* the same; NULL is said of NULL alone */
    DIALECT_FLAG,        /* "0" or "1" of a truth value; never one of
                          * them of anything else */
    DIALECT_IS_SET,      /* a condition: whether a flag is */
    DIALECT_TIME,        /* as calendar_read() takes it, not rounded */
    DIALECT_SECONDS,     /* of a time, as if it were UTC where it names no zone:
                          * seconds since 1970, or text */
    DIALECT_HEX,         /* hex of bytes */
    DIALECT_HEX_OF_PEM,  /* hex of PEM, which is text */
    DIALECT_HEX_OF_TEXT, /* hex of any text's UTF-8 */
    DIALECT_TEXT_OF_HEX, /* the other way; of digits, not a column */
    DIALECT_REVISION,    /* of text, what changes with it: a digest, or the text
                          * itself where the engine has none */
    DIALECT_KIND,        /* what the database takes it for */
    DIALECT_KIND_OF_BYTES, /* the same, of what should be bytes */
    DIALECT_WAYS
} dialect_way_t;

/* In each text '@' stands for what is written, a column mostly. */
typedef struct {
    const char *driver; /* mod_dbd's name for it */
    int joins;          /* a query that is kept prepared joins a table of
                         * its arguments, as it would make one for IN (…)
                         * each time */
    int has_instants;   /* its times are UTC, not a site's wall clock */
    int rounds;         /* numbers of more than 64 bits */
    int casts_to_hex;   /* bytes are "\\x…" when they are made text of */
    const char *ways[DIALECT_WAYS];
    const char *text_is;    /* compares with a text, which a column of bytes may
                             * hold, too: each "?" stands for it */
    int texts;              /* … and how many these are */
    const char *numeric_is; /* compares with a number */
    const char *bytes;      /* the bytes whose hex '@' stands for */
    const char *role_variable; /* of the environment, which says the role where
                                * DBDParams do not; else it is that of the
                                * process's own user. NULL: it is neither */
    const char *columns;       /* query for the columns of the table '@': table,
                                * column, type, named tab, col, typ */
} dialect_t;

/* That of a driver; NULL: not supported. Static. */
const dialect_t *dialect_find(const char *driver);

/* Every driver's name, for messages. Static. */
const char *dialect_names(void);

/* form, in pool, with text in the place of each '@'. */
const char *dialect_fill(apr_pool_t *pool, const char *form, const char *text);

/* column, in one of the ways. In pool. */
const char *dialect_write(apr_pool_t *pool, const dialect_t *dialect,
                          dialect_way_t way, const char *column);

/* Whether DIALECT_KIND_OF_BYTES found some, or was not asked for (NULL). */
int dialect_is_bytes(const char *kind);

/* Whether DIALECT_KIND found a number. kind may be NULL, which is none. */
int dialect_is_number(const char *kind);

#endif
