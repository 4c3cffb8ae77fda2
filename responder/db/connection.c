/* SPDX-License-Identifier: Apache-2.0 */
#include "db/connection.h"

#include "apr_strings.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/snapshot.h"

connection_t *connection_make(const driver_t *driver,
                              const database_settings_t *settings,
                              apr_pool_t *pool, const char **why)
{
    apr_pool_t *own = snapshot_pool();
    connection_t *connection;

    *why = "out of memory";
    if (!own)
        return NULL;
    connection = apr_pcalloc(own, sizeof(*connection));
    connection->pool = own;
    connection->made_at = apr_time_now();
    connection->native =
        driver->open(own, settings->params, settings->commands, why);
    if (connection->native)
        return connection;
    *why = apr_pstrdup(pool, *why);
    apr_pool_destroy(own);
    return NULL;
}

/* What is unable may be the session, as where it keeps a connection of its own
 * to another server, or the server that it is with: another session may do. */
static int is_worn(const connection_t *connection)
{
    return connection->was_unable
        && !deadline_is_recent(connection->made_at, INTERVALS_UNABLE,
                               apr_time_now());
}

/* One to a server that was of use a moment ago needs no look. */
int connection_is_usable(const driver_t *driver, const connection_t *connection)
{
    return connection->is_trusted && !is_worn(connection)
        && (!driver->is_current || driver->is_current(connection->native))
        && ((!driver->is_file
             && deadline_is_recent(connection->idle_since, INTERVALS_FRESH,
                                   apr_time_now()))
            || driver->is_usable(connection->native));
}

void connection_end(const driver_t *driver, connection_t *connection)
{
    driver->close(connection->native);
    apr_pool_destroy(connection->pool);
}
