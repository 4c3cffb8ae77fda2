/* SPDX-License-Identifier: Apache-2.0
 * What a probing process thinks of the CAs it finds, and how it says so. */
#ifndef RESPONDER_REPORT_H
#define RESPONDER_REPORT_H

#include "apr_pools.h"
#include "serve/authority.h"
#include "serve/ca_set.h"
#include "httpd/config.h"

/* A finding is a line: number, kind and place, text. From REPORT_IS_EXPIRED to
 * REPORT_IS_REVOKED they are warnings that time or data bring, and that a
 * running server tells too. */
enum {
    REPORT_IS_ERROR = 'E',
    REPORT_IS_WARNING = 'W',
    REPORT_IS_EXPIRED = 'X',
    REPORT_IS_NOT_YET = 'Y',
    REPORT_IS_ENDING = 'D',
    REPORT_IS_REVOKED = 'R',
    REPORT_IS_NAMELESS = 'N', /* a note: some clients refuse such a signer */
    REPORT_IS_UNSEEN = 'U',   /* no finding: this probe was left out */
    REPORT_BEGINS = 'B'       /* no finding: what follows is about this probe */
};
enum {
    REPORT_AT_CA = 'a',
    REPORT_AT_KEY = 'k',
    REPORT_AT_CERT = 'c',
    REPORT_AT_DATABASE = 'd',
    REPORT_AT_PROFILE = 'p',
    REPORT_AT_SOURCE = 'o',
    REPORT_AT_STORAGE = 's'
};
#define REPORT_LINE_MAX 2000 /* bytes */

/* To whom, and about which probe. */
typedef struct {
    int out;
    int number;
    apr_pool_t *pool;           /* for scratch */
    const config_t *config;     /* of the probe's location */
    apr_array_header_t *record; /* report_line_t; NULL: nothing is recorded */
} reporter_t;

/* One that was written, to be written again for another probe. */
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

/* Tells whether a responder certificate ends, and the serial of its CA, NULL if
 * that is not known. */
void report_expiry(const reporter_t *reporter, const char *ca,
                   const X509 *certificate);

/* Tells what is wrong with the CAs of a location and with who signs for them.
 * authorities (const authority_t *) are those of cas, in its order. */
void report_cas(const reporter_t *reporter, const ca_set_t *cas,
                const apr_array_header_t *authorities);

#endif
