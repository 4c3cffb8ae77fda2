/* SPDX-License-Identifier: Apache-2.0
 * What the URI of a key in a token says of the token (RFC 7512). */
#ifndef RESPONDER_TOKEN_URI_H
#define RESPONDER_TOKEN_URI_H

#include "apr_pools.h"

/* Whether it has the scheme of such URIs. */
int token_uri_is(const char *uri);

/* Whether the PIN stands in the URI, so that nobody is asked for it. */
int token_uri_has_pin(const char *uri);

/* The URI without what names the key, in pool: the same for keys in the same
 * token, where the URIs name that alike. */
const char *token_uri_token(apr_pool_t *pool, const char *uri);

#endif
