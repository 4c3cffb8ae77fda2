/* SPDX-License-Identifier: Apache-2.0
 * The process that looks at the locations of a configuration, and what it knows
 * of them. */
#ifndef RESPONDER_PROBE_H
#define RESPONDER_PROBE_H

#include "apr_hash.h"
#include "apr_tables.h"
#include "httpd/sections.h"
#include "serve/responder.h"

/* A location. */
typedef struct {
    const section_t *section;
    responder_parts_t parts; /* credentials NULL: only the CA is looked for */
} probe_t;

typedef struct {
    apr_pool_t *pool;
    apr_array_header_t *probes; /* probe_t */
    apr_hash_t *hung;           /* of a registry_source_t *: it is left out */
    int is_test;                /* opens tokens, and ends in time */
} probe_list_t;

/* Looks at all of them from a number on, as the user that httpd runs as, and
 * writes what it finds to out, as report.h has it. Ends the process; by SIGALRM
 * when one of them takes too long. */
void probe_run(const probe_list_t *list, int out, int first)
    __attribute__((noreturn));

#endif
