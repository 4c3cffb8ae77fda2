/* SPDX-License-Identifier: Apache-2.0
 * Text as JSON has it (RFC 8259 §7). */
#ifndef RESPONDER_JSON_H
#define RESPONDER_JSON_H

#include "apr_pools.h"

/* text in quotes, in pool. Bytes that are not of UTF-8 are taken for characters
 * of ISO 8859-1. */
const char *json_string(apr_pool_t *pool, const char *text);

#endif
