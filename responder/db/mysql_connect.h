/* SPDX-License-Identifier: Apache-2.0
 * Connecting to MariaDB or MySQL. */
#ifndef RESPONDER_MYSQL_CONNECT_H
#define RESPONDER_MYSQL_CONNECT_H

#include "apr_pools.h"
#include "apr_tables.h"

/* What is to be had of MariaDB, and not of MySQL. */
typedef struct {
    int takes_values;   /* EXECUTE may be given values */
    int reads_in_parts; /* libmysql_read_t may be used */
} mysql_abilities_t;

/* Connects as DBDParams say, and runs commands (const char *) whatever they are
 * answered; the MYSQL, the caller's to close, or NULL with *why in pool. May
 * block. */
void *mysql_connect(apr_pool_t *pool, const char *params,
                    const apr_array_header_t *commands,
                    mysql_abilities_t *abilities, const char **why);

#endif
