/* SPDX-License-Identifier: Apache-2.0
 * How a table writes the serial of a certificate. */
#ifndef RESPONDER_TABLE_SPELLING_H
#define RESPONDER_TABLE_SPELLING_H

#include "apr_pools.h"
#include "base/bytes.h"
#include "source/table/table_description.h"

/* How the table spells a serial; bytes in lower-case hex. In pool. */
const char *table_spelling(apr_pool_t *pool, bytes_t serial,
                           const table_t *table);

#endif
