/* SPDX-License-Identifier: Apache-2.0 */
#include "db/database.h"

#include <string.h>
#include <unistd.h>

#include "apr_dbd.h"
#include "apr_hash.h"
#include "apr_strings.h"
#include "http_config.h"
#include "mod_dbd.h"

#include "base/intervals.h"
#include "db/sqlite_file.h"

/* mod_dbd's default for DBDMax, where it was not told. */
#define DEFAULT_MAX 10

/* Of this child process; not written after child_init. */
static apr_hash_t *distinct;  /* database_t *, by database_describe() */
static apr_hash_t *databases; /* database_t *, by server_rec * */

/* mod_dbd keeps what it was told behind the first pointer of its server
 * configuration; its public header has the type but no function to get it. */
static dbd_cfg_t *config_of(server_rec *server)
{
    const module *dbd = ap_find_linked_module("mod_dbd.c");
    dbd_cfg_t *const *first =
        dbd ? ap_get_module_config(server->module_config, dbd) : NULL;

    return first ? *first : NULL;
}

int database_settings(server_rec *server, database_settings_t *settings)
{
    const dbd_cfg_t *config = config_of(server);

    memset(settings, 0, sizeof(*settings));
    if (!config)
        return 0;
    /* "[DBDriver unset]" is mod_dbd's word for none. */
    if (config->name && *config->name != '[')
        settings->driver = config->name;
    settings->params = config->params ? config->params : "";
    settings->max = config->nmax > 0 ? config->nmax : DEFAULT_MAX;
    settings->keep = config->nkeep;
    settings->min = config->nmin;
    settings->expires = config->exptime;
    settings->is_persistent = config->persist;
    settings->commands = config->init_queries;
    return 1;
}

const char *database_describe(apr_pool_t *pool,
                              const database_settings_t *settings)
{
    return apr_psprintf(pool, "%s %d %d %d %d %s\n%s", settings->driver,
                        settings->max, settings->keep, settings->expires,
                        settings->is_persistent, settings->params,
                        apr_array_pstrcat(pool, settings->commands, '\n'));
}

const char *database_file(apr_pool_t *pool, const database_settings_t *settings)
{
    const driver_t *driver = driver_find(settings->driver);

    return driver && driver->is_file ? sqlite_file_name(pool, settings->params)
                                     : NULL;
}

int database_lacks_file(apr_pool_t *pool, const database_settings_t *settings)
{
    const driver_t *driver = driver_find(settings->driver);

    return driver && driver->is_file && !database_file(pool, settings);
}

void database_connect_late(server_rec *servers, server_rec *server)
{
    enum { MIN_SET = 1 }; /* mod_dbd's mark that DBDMin was given */
    const dbd_cfg_t *config = config_of(server);
    server_rec *each;

    /* Servers with the same settings share a pool. */
    for (each = servers; each; each = each->next) {
        dbd_cfg_t *other = config_of(each);

        if (config && other && !(other->set & MIN_SET)
            && strcmp(other->name, config->name) == 0
            && strcmp(other->params, config->params) == 0)
            other->nmin = 0;
    }
}

/* -- a process ------------------------------------------------------------- */

/* Rather than wait for a connection that hangs, the process ends here, with
 * what logs hold back written as before an exec. */
static apr_status_t database_close_all(void *data)
{
    apr_time_t deadline = apr_time_now() + INTERVALS_CLOSING;
    apr_hash_index_t *each;
    int closed = 1;

    for (each = apr_hash_first(NULL, data); each; each = apr_hash_next(each)) {
        database_t *database = apr_hash_this_val(each);

        closed &= connections_close(database->connections, deadline);
    }
    if (!closed) {
        apr_pool_cleanup_for_exec();
        _exit(0);
    }
    return APR_SUCCESS;
}

/* NULL when out of resources, or with a driver that is not known, or without
 * its library. */
static database_t *new_database(apr_pool_t *pool,
                                const database_settings_t *settings)
{
    const driver_t *driver = driver_find(settings->driver);
    database_t *database = apr_pcalloc(pool, sizeof(*database));

    if (!driver || !driver->load())
        return NULL;
    database->driver = driver;
    database->file = database_file(pool, settings);
    /* The rest of the connections are for others. */
    database->slow = slow_queries_create(pool, settings->max / 4);
    database->breaker = breaker_create(
        pool, driver->is_file ? INTERVALS_FILE_REST : INTERVALS_REST);
    if (database->breaker)
        database->connections =
            connections_create(pool, driver, settings, database->breaker);
    return database->connections ? database : NULL;
}

/* Servers with the same settings share a database, whether they have them from
 * the main server or each say them. */
static void add_database(apr_pool_t *pool, server_rec *server)
{
    database_settings_t settings;
    database_t *database;
    const char *name;

    if (!database_settings(server, &settings) || !settings.driver)
        return;
    name = database_describe(pool, &settings);
    database = apr_hash_get(distinct, name, APR_HASH_KEY_STRING);
    if (!database)
        database = new_database(pool, &settings);
    apr_hash_set(distinct, name, APR_HASH_KEY_STRING, database);
    if (database)
        apr_hash_set(databases, apr_pmemdup(pool, &server, sizeof(server)),
                     sizeof(server), database);
}

void database_child_init(apr_pool_t *pool, server_rec *servers)
{
    static pid_t prepared;
    server_rec *server;

    if (prepared == getpid())
        return;
    prepared = getpid();
    distinct = apr_hash_make(pool);
    databases = apr_hash_make(pool);
    for (server = servers; server; server = server->next)
        add_database(pool, server);
    apr_pool_pre_cleanup_register(pool, distinct, database_close_all);
}

const database_t *database_of(server_rec *server)
{
    return databases ? apr_hash_get(databases, &server, sizeof(server)) : NULL;
}

/* Taking one closes those that are of no use. */
void database_sweep_file(const database_t *database, apr_pool_t *scratch)
{
    apr_hash_index_t *each;

    for (each = apr_hash_first(scratch, distinct); each;
         each = apr_hash_next(each)) {
        const database_t *other = apr_hash_this_val(each);
        connection_t *connection;
        const char *why;

        if (other != database && other->file
            && strcmp(other->file, database->file) == 0
            && connections_count(other->connections) > 0
            && connections_take(other->connections, scratch, apr_time_now(),
                                &connection, &why)
                == CONNECTIONS_GOT)
            connections_give(other->connections, connection, DRIVER_DONE);
    }
}
