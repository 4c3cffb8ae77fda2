/* SPDX-License-Identifier: Apache-2.0
 * Connecting to MariaDB or MySQL. */
#ifndef RESPONDER_MYSQL_CONNECT_H
#define RESPONDER_MYSQL_CONNECT_H

#include "apr_pools.h"
#include "apr_tables.h"

/* Connects as DBDParams say, and runs commands (const char *) whatever they are
 * answered; the MYSQL, the caller's to close, or NULL with *why in pool.
 * *takes_values: EXECUTE may be given values, as MariaDB's is and MySQL's is
 * not. May block. */
void *mysql_connect(apr_pool_t *pool, const char *params,
                    const apr_array_header_t *commands, int *takes_values,
                    const char **why);

#endif
