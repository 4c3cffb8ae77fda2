/* SPDX-License-Identifier: Apache-2.0
 * The connections of a process to one database: at most DBDMax, idle ones kept
 * as DBDKeep and DBDExptime say. They are made by threads of their own, so that
 * whoever needs one never waits for longer than it may. */
#ifndef RESPONDER_CONNECTIONS_H
#define RESPONDER_CONNECTIONS_H

#include "apr_pools.h"
#include "apr_tables.h"
#include "apr_time.h"

#include "db/breaker.h"
#include "db/driver.h"

typedef struct connections_t connections_t;
typedef struct connection_t connection_t;

/* What mod_dbd was told for a server. */
typedef struct {
    const char *driver; /* DBDriver; NULL: none set */
    const char *params; /* DBDParams; may be "" */
    int max;            /* DBDMax: connections a child process may have, at
                         * least 1 */
    int keep;           /* DBDKeep: … and keeps, when they are idle */
    int min;            /* DBDMin: … and opens at its start */
    int expires;        /* DBDExptime: seconds until an idle one is closed;
                         * 0: never */
    int is_persistent;  /* DBDPersist */
    const apr_array_header_t *commands; /* DBDInitSQL, const char * */
} database_settings_t;

typedef enum {
    CONNECTIONS_NONE = 0, /* none can be made, or not in time */
    CONNECTIONS_BUSY,     /* all are in use, and none has come back lately */
    CONNECTIONS_GOT
} connections_result_t;

/* None yet. driver is the one that settings name; they are copied, what they
 * point to is not. breaker is told when a connection comes up. Lives as long as
 * pool; NULL if out of resources. */
connections_t *connections_create(apr_pool_t *pool, const driver_t *driver,
                                  const database_settings_t *settings,
                                  breaker_t *breaker);

/* Takes one, which nobody else uses until it is given back. On any other result
 * than GOT *why is in pool. */
connections_result_t connections_take(connections_t *connections,
                                      apr_pool_t *pool, apr_time_t deadline,
                                      connection_t **connection,
                                      const char **why);

/* Whether one that was taken had been idle for so long that its other end may
 * have fallen silent meanwhile. */
int connections_rested(const connection_t *connection);

/* Runs a query on one that was taken; as driver_t's run. */
driver_result_t connections_run(const connections_t *connections,
                                const connection_t *connection, db_run_t *run);

/* Gives one back, with what became of its last query. After DRIVER_LOST and
 * DRIVER_LATE none of a server's idle ones is trusted either, and another is
 * made at once. */
void connections_give(connections_t *connections, connection_t *connection,
                      driver_result_t result);

/* Whether any query was answered, or any connection made, within limit. */
int connections_answered_lately(connections_t *connections,
                                apr_interval_time_t limit);

/* How many there are, idle or not. */
int connections_count(connections_t *connections);

/* Closes what is idle, for the end of a process, and waits for what is being
 * made, until deadline at most. Returns 1 if nothing is under way any more. */
int connections_close(connections_t *connections, apr_time_t deadline);

#endif
