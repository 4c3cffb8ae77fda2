/* SPDX-License-Identifier: Apache-2.0
 * Prepared statements through libpq's own calls, which can wait with a time
 * limit. mod_dbd's cannot. */
#ifndef RESPONDER_PGSQL_H
#define RESPONDER_PGSQL_H

#include "apr_pools.h"
#include "apr_time.h"
#include "db/result.h"

/* Finds the library behind mod_dbd's driver, to which this module is not
 * linked. Call once per process; without it, nothing can be prepared. */
void pgsql_find_functions(void);

/* The socket of a connection, a PGconn; -1: none. */
int pgsql_socket(void *connection);

typedef enum {
    PGSQL_FAILED = 0, /* the connection may be broken, too */
    PGSQL_PENDING,    /* time ran out; only pgsql_finish() may follow */
    PGSQL_DONE
} pgsql_result_t;

/* Prepares sql, with "?" for each argument, under a name; waits as long as
 * it takes. */
pgsql_result_t pgsql_prepare(void *connection, apr_pool_t *pool,
                             const char *name, const char *sql);

/* Runs what was prepared under that name; the rows, of the width set in *rows,
 * live in pool. deadline, an instant; 0: as long as it takes. Only while nobody
 * else uses the connection. */
pgsql_result_t pgsql_run(void *connection, apr_pool_t *pool, const char *name,
                         const db_query_t *query, apr_time_t deadline,
                         db_rows_t *rows);

/* Waits, as long as it takes, for the end of what is pending. Returns 1 when
 * the connection is of use again. */
int pgsql_finish(void *connection);

#endif
