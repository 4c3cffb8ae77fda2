/* SPDX-License-Identifier: Apache-2.0
 * What a probing process thinks of the CAs it finds, and how it says so. */
#ifndef RESPONDER_REPORT_H
#define RESPONDER_REPORT_H

#include "apr_pools.h"
#include "serve/authority.h"
#include "serve/ca_set.h"
#include "httpd/config.h"

/* A finding is a line: number, kind and place, text. */
enum { REPORT_IS_ERROR = 'E', REPORT_IS_WARNING = 'W' };
enum {
    REPORT_AT_CA = 'a',
    REPORT_AT_KEY = 'k',
    REPORT_AT_CERT = 'c',
    REPORT_AT_SOURCE = 'o',
    REPORT_AT_STORAGE = 's'
};
#define REPORT_LINE_MAX 2000 /* octets */

/* To whom, and about which probe. */
typedef struct {
    int out;
    int number;
} reporter_t;

/* Writes a finding. */
void report_write(const reporter_t *teller, int kind, int at, const char *text);

/* Tells what is wrong with the CAs of a location and with who signs for them.
 * authorities (const authority_t *) are those of cas, in its order. */
void report_cas(const reporter_t *teller, apr_pool_t *pool,
                const config_t *config, const ca_set_t *cas,
                const apr_array_header_t *authorities);

#endif
