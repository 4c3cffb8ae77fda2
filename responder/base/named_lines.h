/* SPDX-License-Identifier: Apache-2.0
 * Sections of the configuration that are kept as they are written, under a
 * name, for whoever knows what they mean. */
#ifndef RESPONDER_NAMED_LINES_H
#define RESPONDER_NAMED_LINES_H

#include "apr_pools.h"
#include "apr_tables.h"

/* A line: a word, and the text behind it. */
typedef struct {
    const char *word;
    const char *text;
    const char *file; /* where it stands */
    int number;
} named_line_t;

/* Keeps lines, an array of named_line_t, under a name, in the configuration's
 * pool. 0 if there are some under that name already. */
int named_lines_add(apr_pool_t *pool, const char *name,
                    const apr_array_header_t *lines);

/* The lines under a name; NULL if there are none. */
const apr_array_header_t *named_lines_find(apr_pool_t *pool, const char *name);

#endif
