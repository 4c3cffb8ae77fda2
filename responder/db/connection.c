/* SPDX-License-Identifier: Apache-2.0 */
#include "db/connection.h"

#include "apr_strings.h"

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
    connection->native =
        driver->open(own, settings->params, settings->commands, why);
    if (connection->native)
        return connection;
    *why = apr_pstrdup(pool, *why);
    apr_pool_destroy(own);
    return NULL;
}

void connection_end(const driver_t *driver, connection_t *connection)
{
    driver->close(connection->native);
    apr_pool_destroy(connection->pool);
}
