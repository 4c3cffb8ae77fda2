/* SPDX-License-Identifier: Apache-2.0
 * What the checks at start found, to be told by file and line. */
#ifndef RESPONDER_FINDINGS_H
#define RESPONDER_FINDINGS_H

#include "httpd.h"
#include "apr_tables.h"
#include "httpd/config.h"

typedef struct {
    const char *id;           /* OCSPnnnn; static */
    int level;                /* APLOG_ERR, APLOG_WARNING, APLOG_NOTICE */
    const config_place_t *at; /* NULL: of no line */
    const char *text;
} finding_t;

/* An array of finding_t in pool. */
apr_array_header_t *findings_begin(apr_pool_t *pool);

/* Adds one, unless the same was found before; at may be NULL. */
void findings_add(apr_array_header_t *findings, int level, const char *id,
                  const config_place_t *at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Prints all of them to the error log, which under httpd -t is the terminal.
 * Returns how many are errors. */
int findings_print(const apr_array_header_t *findings);

#endif
