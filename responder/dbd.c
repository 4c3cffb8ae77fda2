/* SPDX-License-Identifier: Apache-2.0 */
#include "dbd.h"

#include <string.h>
#include <unistd.h>

#include "apr_hash.h"
#include "apr_strings.h"
#include "http_config.h"
#include "http_log.h"
#include "mod_dbd.h"

#include "connection.h"
#include "gate.h"
#include "statement.h"

APLOG_USE_MODULE(ocsp_responder);

/* Tries of a query that the database refuses, each on a connection that mod_dbd
 * has just checked; what a dead pooled connection needs to heal. */
#define TRIES 3

/* How long the end of a process waits for a connection that hangs. httpd's
 * parent loses its patience with a child after three seconds. */
#define CLOSING apr_time_from_msec(300)

/* mod_dbd's default for DBDMax, where it was not told. */
#define DEFAULT_MAX 10

static APR_OPTIONAL_FN_TYPE(ap_dbd_open) *dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) *dbd_close;

/* One per database of this child process, that is per pool of mod_dbd's; not
 * written after child_init. */
typedef struct {
    const engine_t *engine;
    const char *file;           /* SQLite's; NULL: none */
    int max;                    /* connections */
    gate_t *gate;
} database_t;

static apr_hash_t *databases;   /* by server_rec * */

int dbd_find_functions(void)
{
    dbd_open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    dbd_close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    return dbd_open && dbd_close;
}

/* mod_dbd keeps what it was told behind the first pointer of its server
 * configuration; its public header has the type but no function to get it. */
static dbd_cfg_t *config_of(server_rec *server)
{
    const module *dbd = ap_find_linked_module("mod_dbd.c");
    dbd_cfg_t *const *first =
        dbd ? ap_get_module_config(server->module_config, dbd) : NULL;

    return first ? *first : NULL;
}

int dbd_settings(server_rec *server, dbd_settings_t *settings)
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
    return 1;
}

void dbd_connect_late(server_rec *servers, server_rec *server)
{
    enum { MIN_SET = 1 };   /* mod_dbd's mark that DBDMin was given */
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

/* -- one look-up, with retries --------------------------------------------- */

/* Lives in a pool of its own, as its caller may walk away. */
typedef struct {
    apr_pool_t *pool;
    server_rec *server;
    const database_t *database;
    schema_query_t query;
    apr_time_t deadline;
    schema_rows_t rows;
    dbd_result_t result;
    const char *why;
} job_t;

static void fail(job_t *job, dbd_result_t result, const char *why)
{
    job->result = result;
    job->why = why;
}

/* A connection out of mod_dbd's pool. One that has died there makes it give
 * none; the next may do. */
static ap_dbd_t *open_one(job_t *job)
{
    int dead;

    for (dead = 0; dead <= job->database->max; dead++) {
        apr_uint32_t closed = connection_closed();
        ap_dbd_t *dbd = dbd_open(job->pool, job->server);

        if (dbd || connection_closed() == closed
            || apr_time_now() > job->deadline)
            return dbd;
    }
    return NULL;
}

static void ask(job_t *job, ap_dbd_t *dbd)
{
    const char *text;
    int error;

    ap_log_error(APLOG_MARK, APLOG_TRACE4, 0, job->server, "asks: %s",
                 job->query.text);
    error = statement_run(dbd, job->pool, &job->query, job->rows.columns,
                          &job->rows);
    if (error == 0) {
        job->result = DBD_OK;
        return;
    }
    text = apr_dbd_error(dbd->driver, dbd->handle, error);
    fail(job, DBD_REFUSED,
         apr_psprintf(job->pool, "the query failed (%s, %d): %s",
                      apr_dbd_name(dbd->driver), error,
                      text && *text ? text : "no reason given"));
}

static void try_once(job_t *job)
{
    const char *file = job->database->file, *why = NULL;
    ap_dbd_t *dbd;

    if (file && !connection_file_is_there(file)) {
        fail(job, DBD_UNAVAILABLE, "the SQLite file does not exist, or is "
             "empty");
        return;
    }
    dbd = open_one(job);
    if (!dbd) {
        fail(job, DBD_UNAVAILABLE, "no connection to the database (mod_dbd's "
             "own message is above)");
        return;
    }
    if (connection_ready(dbd, job->pool, &why))
        ask(job, dbd);
    else
        fail(job, DBD_UNAVAILABLE, why);
    dbd_close(job->server, dbd);
}

static int look_up(void *data)
{
    job_t *job = data;
    int tries = 0;

    do {
        try_once(job);
    } while (job->result == DBD_REFUSED && ++tries < TRIES
             && apr_time_now() < job->deadline);
    /* Refused is an answer too. */
    return job->result != DBD_UNAVAILABLE;
}

static void copy_out(job_t *job, apr_pool_t *pool, schema_rows_t *rows)
{
    const char ***copy =
        apr_palloc(pool, (job->rows.count + 1) * sizeof(*copy));
    int row, column;

    for (row = 0; row < job->rows.count; row++) {
        copy[row] = apr_palloc(pool, job->rows.columns * sizeof(**copy));
        for (column = 0; column < job->rows.columns; column++)
            copy[row][column] =
                apr_pstrdup(pool, job->rows.rows[row][column]);
    }
    *rows = job->rows;
    rows->rows = (const char *const *const *)copy;
}

static schema_query_t copy_query(apr_pool_t *pool, const schema_query_t *query)
{
    schema_query_t copy = {
        .text = apr_pstrdup(pool, query->text),
        .prepared = apr_pstrdup(pool, query->prepared),
        .count = query->count
    };
    const char **arguments =
        apr_palloc(pool, (apr_size_t)(copy.count + 1) * sizeof(*arguments));
    int i;

    for (i = 0; i < copy.count; i++)
        arguments[i] = apr_pstrdup(pool, query->arguments[i]);
    copy.arguments = arguments;
    return copy;
}

static job_t *new_job(server_rec *server, const database_t *database,
                      const schema_query_t *query, int columns,
                      apr_time_t deadline)
{
    apr_pool_t *pool = gate_job_pool(database->gate);
    job_t *job = pool ? apr_pcalloc(pool, sizeof(*job)) : NULL;

    if (!job)
        return NULL;
    job->pool = pool;
    job->server = server;
    job->database = database;
    job->query = copy_query(pool, query);
    job->rows.columns = columns;
    job->deadline = deadline;
    return job;
}

#define DEADLINE "ocsp_responder:deadline"

apr_time_t dbd_deadline(request_rec *r)
{
    void *data = NULL;
    apr_time_t *deadline;

    apr_pool_userdata_get(&data, DEADLINE, r->pool);
    if (data)
        return *(apr_time_t *)data;
    deadline = apr_palloc(r->pool, sizeof(*deadline));
    *deadline = apr_time_now() + DBD_LIMIT;
    apr_pool_userdata_setn(deadline, DEADLINE, NULL, r->pool);
    return *deadline;
}

dbd_result_t dbd_ask(server_rec *server, apr_pool_t *pool,
                     const schema_query_t *query, int columns,
                     apr_time_t deadline, schema_rows_t *rows,
                     const char **why)
{
    const database_t *database = apr_hash_get(databases, &server,
                                              sizeof(server));
    job_t *job = NULL;
    dbd_result_t result;

    *why = "the database does not answer";
    if (database && apr_time_now() < deadline)
        job = new_job(server, database, query, columns, deadline);
    if (!job
        || !gate_run(database->gate, look_up, job, job->pool, deadline))
        return DBD_UNAVAILABLE;
    result = job->result;
    if (result == DBD_OK)
        copy_out(job, pool, rows);
    else
        *why = apr_pstrdup(pool, job->why);
    gate_done(database->gate, job->pool);
    return result;
}

dbd_result_t dbd_select(server_rec *server, apr_pool_t *pool, const char *sql,
                        int columns, apr_time_t deadline, schema_rows_t *rows,
                        const char **why)
{
    const schema_query_t query = { .text = sql };

    return dbd_ask(server, pool, &query, columns, deadline, rows, why);
}

/* -- a child process ------------------------------------------------------- */

/* mod_dbd's pools go next, and would close a connection that is in use. Rather
 * than wait for one that hangs, the process ends here, with what logs hold
 * back written as before an exec. */
static apr_status_t close_gates(void *data)
{
    apr_time_t deadline = apr_time_now() + CLOSING;
    apr_hash_index_t *each;
    int closed = 1;

    for (each = apr_hash_first(NULL, data); each; each = apr_hash_next(each)) {
        database_t *database = apr_hash_this_val(each);

        closed &= gate_close(database->gate, deadline);
    }
    if (!closed) {
        apr_pool_cleanup_for_exec();
        _exit(0);
    }
    return APR_SUCCESS;
}

/* NULL when out of resources, or with a driver that is not known. */
static database_t *new_database(apr_pool_t *pool,
                                const dbd_settings_t *settings)
{
    const engine_t *engine = engine_find(settings->driver);
    database_t *database = apr_pcalloc(pool, sizeof(*database));

    if (!engine)
        return NULL;
    database->engine = engine;
    database->file = connection_file(pool, settings->driver, settings->params);
    database->max = settings->max;
    database->gate = gate_create(settings->max, !engine->is_file);
    return database->gate ? database : NULL;
}

/* Servers that share one of mod_dbd's pools share a database. */
static void add_database(apr_pool_t *pool, apr_hash_t *known,
                         server_rec *server)
{
    dbd_settings_t settings;
    database_t *database;
    const char *name;

    if (!dbd_settings(server, &settings) || !settings.driver)
        return;
    name = apr_psprintf(pool, "%s %d %s", settings.driver, settings.max,
                        settings.params);
    database = apr_hash_get(known, name, APR_HASH_KEY_STRING);
    if (!database)
        database = new_database(pool, &settings);
    apr_hash_set(known, name, APR_HASH_KEY_STRING, database);
    if (database)
        apr_hash_set(databases, apr_pmemdup(pool, &server, sizeof(server)),
                     sizeof(server), database);
}

void dbd_child_init(apr_pool_t *pool, server_rec *servers)
{
    apr_hash_t *known = apr_hash_make(pool);
    server_rec *server;

    connection_child_init();
    databases = apr_hash_make(pool);
    for (server = servers; server; server = server->next)
        add_database(pool, known, server);
    apr_pool_pre_cleanup_register(pool, known, close_gates);
}

const engine_t *dbd_engine(server_rec *server)
{
    const database_t *database = apr_hash_get(databases, &server,
                                              sizeof(server));

    return database ? database->engine : NULL;
}
