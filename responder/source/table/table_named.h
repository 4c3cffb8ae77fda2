/* SPDX-License-Identifier: Apache-2.0
 * The <OCSPResponderTable> sections of the configuration, by name. */
#ifndef RESPONDER_TABLE_NAMED_H
#define RESPONDER_TABLE_NAMED_H

#include "apr_pools.h"
#include "source/table/table_description.h"

/* The description with a name, in pool. NULL with *why, in pool, which names
 * the line that is wrong; or that there is none. */
const table_t *table_named_find(apr_pool_t *pool, const char *name,
                                const char **why);

/* What is wrong with the section of that name, in pool; NULL when nothing is,
 * or there is none. */
const char *table_named_fault(apr_pool_t *pool, const char *name);

#endif
