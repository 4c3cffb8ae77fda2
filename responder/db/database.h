/* SPDX-License-Identifier: Apache-2.0
 * The databases of the servers: what mod_dbd was told of them, and what a child
 * process has for each. */
#ifndef RESPONDER_DATABASE_H
#define RESPONDER_DATABASE_H

#include "apr_atomic.h"
#include "httpd.h"
#include "db/driver.h"
#include "db/executor.h"

/* What mod_dbd was told for a server. */
typedef struct {
    const char *driver; /* DBDriver; NULL: none set */
    const char *params; /* DBDParams; may be "" */
    int max;            /* DBDMax: connections a child process may have */
    int keep;           /* DBDKeep: … and keeps, when they are idle */
    int min;            /* DBDMin: … and opens at its start */
    int expires;        /* DBDExptime: seconds until an idle one is closed;
                         * 0: never */
} database_settings_t;

/* Reads them, once the configuration is read. 0 when mod_dbd is not loaded. */
int database_settings(server_rec *server, database_settings_t *settings);

/* Keeps mod_dbd from connecting for server where a child process starts, unless
 * DBDMin asks for it: a child that waits there for a database that hangs serves
 * nobody. Call once the configuration is read. */
void database_connect_late(server_rec *servers, server_rec *server);

/* What changes about a database that is in use. */
typedef struct {
    volatile apr_uint32_t connections; /* seen, and not closed yet */
    /* Seconds since 1970: */
    volatile apr_uint32_t served;    /* when it last answered */
    volatile apr_uint32_t surprised; /* when a connection came up that had
                                      * not been seen before */
} database_use_t;

/* One for each of mod_dbd's pools. */
typedef struct {
    const driver_t *driver;
    const char *file; /* SQLite's; NULL: none */
    int max;          /* connections */
    int keeps;        /* one that is idle stays for a while */
    executor_t *executor;
    database_use_t *use;
} database_t;

/* Prepares this child process; pool lives as long as it. Call after mod_dbd's
 * own child_init. */
void database_child_init(apr_pool_t *pool, server_rec *servers);

/* The database of a server; NULL when it has none, or none of a known engine.
 * Lives as long as the process. Only in a child process. */
const database_t *database_of(server_rec *server);

#endif
