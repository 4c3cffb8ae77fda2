/* SPDX-License-Identifier: Apache-2.0
 * What is made once for a configuration: the instances of sources, so that what
 * gives the same answers is one, and each file is read once, however many
 * locations it serves; and what sections say under a name. */
#ifndef RESPONDER_INSTANCES_H
#define RESPONDER_INSTANCES_H

#include "apr_pools.h"

/* The instance of that kind, a source's name mostly, that was made for these
 * arguments; NULL if none was. pool is the configuration's, in which they are
 * kept. */
void *instances_find(apr_pool_t *pool, const char *kind, const char *arguments);

/* Keeps one, unless it is NULL, and returns it. Both texts are copied. */
void *instances_add(apr_pool_t *pool, const char *kind, const char *arguments,
                    void *instance);

#endif
