/* SPDX-License-Identifier: Apache-2.0
 * What differs between the databases, each by the name of its mod_dbd driver.
 * mod_dbd's drivers bring the libraries and the form of DBDParams; the rest of
 * them is not used, as they cannot wait with a time limit. */
#ifndef RESPONDER_DRIVER_H
#define RESPONDER_DRIVER_H

#include "apr_pools.h"
#include "apr_tables.h"
#include "apr_time.h"

#include "db/result.h"

typedef enum {
    DRIVER_LOST = 0, /* the connection is of no more use; another may be */
    DRIVER_LATE,     /* no answer in time; it is of no more use either */
    DRIVER_SLOW,   /* no answer in time, but the database works, and so does the
                    * connection: the query takes too long */
    DRIVER_UNABLE, /* the database answered that it cannot do it now, though
                    * the connection works: others may ask other tables */
    DRIVER_REFUSED, /* the database answered with an error */
    DRIVER_DONE
} driver_result_t;

/* A query that is run, and what becomes of it: both in pool. */
typedef struct {
    apr_pool_t *pool;
    const db_query_t *query;
    apr_time_t deadline; /* the instant by which it ends */
    db_rows_t rows;
    const char *why;
} db_run_t;

/* A connection is used by one thread at a time. *why is in the pool given. */
typedef struct {
    const char *name;
    int is_file; /* no server: to open one is quick, and needs no thread that
                  * its caller can walk away from */

    /* Finds the library's functions; 1 if all that are needed are there. Call
     * once per process, before there are threads. */
    int (*load)(void);

    /* Connects as DBDParams say, and runs commands (const char *,
     * DBDInitSQL's): where one fails, queries might find other tables than are
     * meant, and there is no connection. May block. NULL with *why. pool lives
     * until the connection is closed. */
    void *(*open)(apr_pool_t *pool, const char *params,
                  const apr_array_header_t *commands, const char **why);

    /* Whether one that was idle can be used, as far as can be told without
     * waiting. */
    int (*is_usable)(void *connection);

    /* Whether its server is still the one to ask, as far as all processes know;
     * costs nothing. NULL: it always is. */
    int (*is_current)(void *connection);

    /* Runs a query. On any other result than DRIVER_DONE run->why says why. */
    driver_result_t (*run)(void *connection, db_run_t *run);

    /* Never blocks. */
    void (*close)(void *connection);

    /* The version of the library, static or in pool. */
    const char *(*version)(apr_pool_t *pool);

    /* Query that tells whether the server is a replica ("1" or "0"), and by how
     * many seconds it lags (NULL: not known); NULL: there are none. */
    const char *replica;

    /* Query that tells whether sessions began with autocommit, before this
     * module turned it on ("1" or "0"); NULL: they always do. */
    const char *autocommit;
} driver_t;

/* Through the functions of libsqlite3, of libpq, and of libmariadb or
 * libmysqlclient, which is MySQL's, too. */
extern const driver_t sqlite_driver;
extern const driver_t pgsql_driver;
extern const driver_t mysql_driver;

/* NULL if it is not supported. Static. */
const driver_t *driver_find(const char *name);

/* Whether there is nothing to read from a socket: an idle connection has
 * nothing to say, but that it ends. */
int driver_is_silent(int socket);

/* Waits until there is something to read from a socket: DRIVER_DONE; or until
 * deadline, an instant: DRIVER_LATE. DRIVER_LOST if it cannot be waited for. */
driver_result_t driver_wait(int socket, apr_time_t deadline);

#endif
