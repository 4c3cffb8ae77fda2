/* SPDX-License-Identifier: Apache-2.0
 * One member of a JSON object (RFC 8259), in which a table keeps its columns.
 */
#ifndef RESPONDER_TABLE_JSON_H
#define RESPONDER_TABLE_JSON_H

#include "apr_pools.h"

/* The value of a member of the outermost object: a string without its quotes, a
 * number, true or false as it is written. In pool; NULL if there is no such
 * member, it is null, an object, an array or a string with escapes, or the text
 * is not an object. Of two with one name the first. */
const char *table_json_member(apr_pool_t *pool, const char *text,
                              const char *name);

#endif
