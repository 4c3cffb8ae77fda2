/* SPDX-License-Identifier: Apache-2.0
 * The databases of the servers: what mod_dbd was told of them, and what a
 * process has for each. Connections are the module's own, made as mod_dbd was
 * told: in mod_dbd's pools a caller waits without a limit. */
#ifndef RESPONDER_DATABASE_H
#define RESPONDER_DATABASE_H

#include "httpd.h"

#include "db/breaker.h"
#include "db/connections.h"
#include "db/driver.h"
#include "db/slow_queries.h"

/* Reads what mod_dbd was told for a server, once the configuration is read. 0
 * when mod_dbd is not loaded. */
int database_settings(server_rec *server, database_settings_t *settings);

/* The same text for settings that are one database, in pool: what DBDInitSQL
 * sets may lead to other tables. DBDMin is mod_dbd's own. They have a driver.
 */
const char *database_describe(apr_pool_t *pool,
                              const database_settings_t *settings);

/* The file of SQLite's database, in pool; NULL if settings are of a server or
 * of no file. */
const char *database_file(apr_pool_t *pool,
                          const database_settings_t *settings);

/* Whether settings need a file and name none: SQLite's databases in memory are
 * new and empty in each connection. */
int database_lacks_file(apr_pool_t *pool, const database_settings_t *settings);

/* Keeps mod_dbd from connecting for server where a child process starts, unless
 * DBDMin asks for it: a child that waits there for a database that hangs serves
 * nobody. Call once the configuration is read. */
void database_connect_late(server_rec *servers, server_rec *server);

/* One for each set of settings. */
typedef struct {
    const driver_t *driver;
    const char *file; /* database_file() */
    connections_t *connections;
    breaker_t *breaker;
    slow_queries_t *slow;
} database_t;

/* Prepares this process, a child of httpd's or one that httpd -t has forked, to
 * connect; pool lives as long as it. Does nothing the second time. */
void database_child_init(apr_pool_t *pool, server_rec *servers);

/* The database of a server; NULL when it has none, or none of a known driver.
 * Lives as long as the process. Only after database_child_init(). */
const database_t *database_of(server_rec *server);

/* Closes the idle connections to a database's file that are of no
 * use any more, of all servers with other settings: SQLite keeps for them what
 * is in the way of a new one. Not for a database without a file. */
void database_sweep_file(const database_t *database, apr_pool_t *scratch);

#endif
