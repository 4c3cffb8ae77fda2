/* SPDX-License-Identifier: Apache-2.0
 * One connection to a database, and what connections.h knows of it. */
#ifndef RESPONDER_CONNECTION_H
#define RESPONDER_CONNECTION_H

#include "apr_pools.h"
#include "apr_time.h"

#include "db/connections.h"
#include "db/driver.h"

struct connection_t {
    apr_pool_t *pool; /* its own, in which it is itself */
    void *native;     /* the driver's */
    unsigned generation;
    int is_trusted; /* when it was taken, its generation was the newest */
    int rested;     /* … and it had been idle for long */
    int was_unable; /* a query of it was DRIVER_UNABLE */
    apr_time_t made_at, idle_since;
};

/* A new one, in a pool of its own; NULL with *why in pool. */
connection_t *connection_make(const driver_t *driver,
                              const database_settings_t *settings,
                              apr_pool_t *pool, const char **why);

/* Whether one that was idle can be used, as far as can be told without waiting.
 */
int connection_is_usable(const driver_t *driver,
                         const connection_t *connection);

void connection_end(const driver_t *driver, connection_t *connection);

#endif
