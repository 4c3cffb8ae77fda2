/* SPDX-License-Identifier: Apache-2.0
 * The process that looks at the locations of a configuration, and what it knows
 * of them. */
#ifndef RESPONDER_PREFLIGHT_CHILD_H
#define RESPONDER_PREFLIGHT_CHILD_H

#include "apr_hash.h"
#include "apr_tables.h"
#include "serve/responder.h"

typedef struct {
    apr_pool_t *pool;
    apr_array_header_t *locations; /* responder_parts_t; credentials NULL: only
                                    * the CA is looked for */
    apr_hash_t *hung; /* of a registry_source_t *: it is left out */
    int is_test;      /* opens tokens, and ends in time */
} preflight_list_t;

/* Looks at all of them from a number on, as the user that httpd runs as, and
 * writes what it finds to out, as report.h has it. Ends the process; by SIGALRM
 * when one of them takes too long. */
void preflight_child_run(const preflight_list_t *list, int out, int first)
    __attribute__((noreturn));

#endif
