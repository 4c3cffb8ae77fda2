/* SPDX-License-Identifier: Apache-2.0
 * One copy of each text that the configuration says again and again, so that
 * the same text is the same pointer. */
#ifndef RESPONDER_INTERNED_H
#define RESPONDER_INTERNED_H

#include "apr_pools.h"

/* The copy of text, which lives as long as pool, the configuration's. Only
 * while the configuration is read. NULL: NULL. */
const char *interned(apr_pool_t *pool, const char *text);

/* The same for a file's name, which is the last one's nearly always. */
const char *interned_file(apr_pool_t *pool, const char *name);

#endif
