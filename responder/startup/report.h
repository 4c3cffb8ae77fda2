/* SPDX-License-Identifier: Apache-2.0
 * How a process that looks at locations says what it finds: a line each, with
 * number, kind and place, and text. */
#ifndef RESPONDER_REPORT_H
#define RESPONDER_REPORT_H

#include "serve/responder.h"

typedef enum {
    REPORT_BEGINS = 0, /* no finding: what follows is about this location */
    REPORT_IS_UNSEEN,  /* no finding: this location was left out */
    REPORT_IS_ERROR,
    REPORT_IS_WARNING,
    REPORT_IS_NAMELESS, /* a note: some clients refuse such a signer */
    /* From here on, warnings that time or data bring, and that a running server
     * tells too: */
    REPORT_IS_REVOKED,
    REPORT_IS_EXPIRY /* plus the expiry_t */
} report_kind_t;

/* Where: what a source names, and what it does not. */
enum {
    REPORT_AT_SOURCE = OCSP_RESPONDER_AT_SOURCE,
    REPORT_AT_CA = OCSP_RESPONDER_AT_CA,
    REPORT_AT_STORAGE = OCSP_RESPONDER_AT_STORAGE,
    REPORT_AT_DATABASE = OCSP_RESPONDER_AT_DATABASE,
    REPORT_AT_KEY = OCSP_RESPONDER_AT_DATABASE + 1,
    REPORT_AT_CERT = REPORT_AT_KEY + 1,
    REPORT_AT_PROFILE = REPORT_AT_CERT + 1,
    REPORT_PLACES = REPORT_AT_PROFILE + 1
};
#define REPORT_LINE_MAX 2000 /* bytes */

/* To whom, and about which location. */
typedef struct {
    int out;
    int number;
    apr_pool_t *pool; /* for scratch */
    const responder_parts_t *parts;
    apr_array_header_t *record; /* report_line_t; NULL: nothing is recorded */
} reporter_t;

/* One that was written, to be written again for another location. */
typedef struct {
    int kind, at;
    const char *text;
} report_line_t;

/* Writes a finding, and records it. */
void report_write(const reporter_t *reporter, int kind, int at,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Writes those of a record. */
void report_again(const reporter_t *reporter, const apr_array_header_t *record);

#endif
