/* SPDX-License-Identifier: Apache-2.0
 * Functions of the libraries behind mod_dbd's drivers, to which this module is
 * not linked. */
#ifndef RESPONDER_SYMBOLS_H
#define RESPONDER_SYMBOLS_H

#include "apr.h"

typedef struct {
    const char *name;
    void **function; /* a pointer to it goes here; NULL: it is not there */
} symbol_t;

/* The member for a function in a struct of them, which a list of (what it
 * returns, member, name, what it takes) makes. */
#define SYMBOLS_MEMBER(returns, member, name, takes) returns(*member) takes;

/* Finds them among the libraries that are loaded. 1 when all of them are
 * there. */
int symbols_find(const symbol_t *wanted, apr_size_t count);

/* The same for those of one library: another may have functions of that name,
 * and know nothing of what this one makes. Those are not there that are in
 * another than function is. */
void symbols_find_beside(const void *function, const symbol_t *wanted,
                         apr_size_t count);

#endif
