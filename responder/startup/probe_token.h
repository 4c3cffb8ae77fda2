/* SPDX-License-Identifier: Apache-2.0
 * Keys in tokens, as httpd -t tries them: a PIN that a token has refused is not
 * tried for another of its keys. */
#ifndef RESPONDER_PROBE_TOKEN_H
#define RESPONDER_PROBE_TOKEN_H

#include "serve/credentials.h"
#include "startup/report.h"

/* A login that was tried in vain. */
typedef struct {
    const char *token; /* as token_uri_token() has it */
    bytes_t passphrase;
    int is_unclear; /* the key may be what is wrong */
    const char *why;
} probe_login_t;

/* The pair of the location that the reporter reports of, with its key out of
 * its token; NULL where that fails, which is reported. A refused login is added
 * to refused, of probe_login_t. */
const credentials_t *probe_token_open(const reporter_t *reporter,
                                      const credentials_t *pair,
                                      apr_array_header_t *refused);

#endif
