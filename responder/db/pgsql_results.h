/* SPDX-License-Identifier: Apache-2.0
 * What comes back of a query that libpq has sent, waited for no longer than the
 * query may take. */
#ifndef RESPONDER_PGSQL_RESULTS_H
#define RESPONDER_PGSQL_RESULTS_H

#include "apr_pools.h"
#include "db/driver.h"

/* Waits for the next result until deadline: DRIVER_DONE, with *result, to be
 * ended by libpq.clear(); NULL after the last. */
driver_result_t pgsql_results_next(void *connection, apr_time_t deadline,
                                   void **result);

/* Collects all results of what was sent (0: it could not be), up to the end of
 * the query. *result is the last that is of the kind, PGRES_COMMAND_OK or
 * PGRES_TUPLES_OK, to be ended by libpq.clear(); NULL on any other end than
 * DRIVER_DONE, of which run->why says why. */
driver_result_t pgsql_results_collect(void *connection, db_run_t *run, int sent,
                                      int kind, void **result);

/* Copies the rows of a result into run->rows; DRIVER_REFUSED, with run->why,
 * where it has not the columns of run->query. */
driver_result_t pgsql_results_copy(void *result, db_run_t *run);

/* libpq's last error without its line's end, in pool or static. Never empty. */
const char *pgsql_results_error(apr_pool_t *pool, const void *connection);

#endif
