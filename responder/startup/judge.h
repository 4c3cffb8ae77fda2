/* SPDX-License-Identifier: Apache-2.0
 * What a probing process thinks of the CAs it finds, and how it says so. */
#ifndef RESPONDER_JUDGE_H
#define RESPONDER_JUDGE_H

#include "apr_pools.h"
#include "serve/ca_set.h"
#include "httpd/config.h"

/* A finding is a line: number, kind and place, text. */
enum { JUDGE_IS_ERROR = 'E', JUDGE_IS_WARNING = 'W' };
enum {
    JUDGE_AT_CA = 'a', JUDGE_AT_KEY = 'k', JUDGE_AT_CERT = 'c',
    JUDGE_AT_STORAGE = 's'
};
#define JUDGE_LINE_MAX 2000 /* octets */

/* To whom, and about which probe. */
typedef struct {
    int out;
    int number;
} judge_teller_t;

/* Writes a finding. */
void judge_tell(const judge_teller_t *teller, int kind, int at,
                const char *text);

/* Tells what is wrong with the CAs of a location and with who signs for
 * them. */
void judge_cas(const judge_teller_t *teller, apr_pool_t *pool,
                  const config_t *config, const ca_set_t *cas);

#endif
