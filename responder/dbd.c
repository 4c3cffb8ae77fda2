/* SPDX-License-Identifier: Apache-2.0 */
#include "dbd.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include "http_config.h"
#include "mod_dbd.h"

#include "gate.h"

/* Tries of one query, each on a connection that mod_dbd has just checked; what
 * a dead pooled connection or a changed schema needs to heal. */
#define TRIES 3

/* mod_dbd's default for DBDMax, where it was not told. */
#define DEFAULT_MAX 10

static APR_OPTIONAL_FN_TYPE(ap_dbd_open) *dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) *dbd_close;

/* One per server of this child process; not written after child_init. */
typedef struct {
    const engine_t *engine;
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
int dbd_settings(server_rec *server, dbd_settings_t *settings)
{
    const module *dbd = ap_find_linked_module("mod_dbd.c");
    dbd_cfg_t *const *first;

    memset(settings, 0, sizeof(*settings));
    first = dbd ? ap_get_module_config(server->module_config, dbd) : NULL;
    if (!first || !*first)
        return 0;
    /* "[DBDriver unset]" is mod_dbd's word for none. */
    if ((*first)->name && *(*first)->name != '[')
        settings->driver = (*first)->name;
    settings->params = (*first)->params ? (*first)->params : "";
    settings->max = (*first)->nmax > 0 ? (*first)->nmax : DEFAULT_MAX;
    return 1;
}

/* -- one query ------------------------------------------------------------- */

static const char *text_of(const apr_dbd_driver_t *driver, apr_pool_t *pool,
                           apr_dbd_row_t *row, int column)
{
    const char *text = NULL;

    /* An error is how the PostgreSQL driver tells NULL from "". */
    if (apr_dbd_datum_get(driver, row, column, APR_DBD_TYPE_STRING, &text)
        != APR_SUCCESS || !text)
        return NULL;
    return apr_pstrdup(pool, text);
}

static void copy_rows(const apr_dbd_driver_t *driver, apr_pool_t *scratch,
                      apr_dbd_results_t *results, apr_pool_t *pool,
                      schema_rows_t *rows)
{
    apr_array_header_t *copy =
        apr_array_make(pool, 4, sizeof(const char *const *));
    apr_dbd_row_t *row = NULL;
    int number, column;

    /* Rows by number: "the next one" means something else to each driver. */
    for (number = 1;
         apr_dbd_get_row(driver, scratch, results, &row, number) == 0;
         number++) {
        const char **texts = apr_palloc(pool, rows->columns * sizeof(*texts));

        for (column = 0; column < rows->columns; column++)
            texts[column] = text_of(driver, pool, row, column);
        APR_ARRAY_PUSH(copy, const char *const *) = texts;
    }
    rows->rows = (const char *const *const *)copy->elts;
    rows->count = copy->nelts;
}

int dbd_run(const apr_dbd_driver_t *driver, apr_dbd_t *handle, apr_pool_t *pool,
            const char *sql, int columns, schema_rows_t *rows)
{
    apr_dbd_results_t *results = NULL;
    apr_pool_t *scratch;
    int error;

    memset(rows, 0, sizeof(*rows));
    rows->columns = columns;
    apr_pool_create(&scratch, pool);
    /* Random access: otherwise PostgreSQL's driver takes a failure for an
     * empty result. */
    error = apr_dbd_select(driver, scratch, handle, &results, sql, 1);
    if (error == 0 && results)
        copy_rows(driver, scratch, results, pool, rows);
    else if (error == 0)
        error = -1;
    /* Results talk to the connection when they go, so they go first. */
    apr_pool_destroy(scratch);
    return error;
}

/* -- one look-up, with retries --------------------------------------------- */

/* Lives in a pool of its own, as its caller may walk away. */
typedef struct {
    apr_pool_t *pool;
    server_rec *server;
    const char *sql;
    apr_time_t deadline;
    schema_rows_t rows;
    dbd_result_t result;
    const char *why;
} job_t;

static void try_once(job_t *job)
{
    ap_dbd_t *dbd = dbd_open(job->pool, job->server);
    int error;

    if (!dbd) {
        job->result = DBD_UNAVAILABLE;
        job->why = "no connection to the database (mod_dbd's own message is "
            "above)";
        return;
    }
    error = dbd_run(dbd->driver, dbd->handle, job->pool, job->sql,
                    job->rows.columns, &job->rows);
    if (error == 0) {
        job->result = DBD_OK;
    }
    else {
        const char *text = apr_dbd_error(dbd->driver, dbd->handle, error);

        job->result = DBD_REFUSED;
        job->why = apr_psprintf(job->pool, "the query failed (%s, %d): %s",
                                apr_dbd_name(dbd->driver), error,
                                text && *text ? text : "no reason given");
    }
    dbd_close(job->server, dbd);
}

static int look_up(void *data)
{
    job_t *job = data;
    int tries = 0;

    do {
        try_once(job);
    } while (job->result != DBD_OK && ++tries < TRIES
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

static job_t *new_job(server_rec *server, const char *sql, int columns,
                      apr_time_t deadline)
{
    apr_pool_t *pool = gate_job_pool();
    job_t *job = pool ? apr_pcalloc(pool, sizeof(*job)) : NULL;

    if (!job)
        return NULL;
    job->pool = pool;
    job->server = server;
    job->sql = apr_pstrdup(pool, sql);
    job->rows.columns = columns;
    job->deadline = deadline;
    return job;
}

dbd_result_t dbd_select(server_rec *server, apr_pool_t *pool, const char *sql,
                        int columns, apr_time_t deadline, schema_rows_t *rows,
                        const char **why)
{
    const database_t *database = apr_hash_get(databases, &server,
                                              sizeof(server));
    job_t *job = new_job(server, sql, columns, deadline);
    dbd_result_t result;

    *why = "the database does not answer";
    if (!database || !job
        || !gate_run(database->gate, look_up, job, job->pool, deadline))
        return DBD_UNAVAILABLE;
    result = job->result;
    if (result == DBD_OK)
        copy_out(job, pool, rows);
    else
        *why = apr_pstrdup(pool, job->why);
    apr_pool_destroy(job->pool);
    return result;
}

/* -- a child process ------------------------------------------------------- */

/* SQLite gives up on a lock by itself; the others may block for ever. */
static int may_hang(const char *driver)
{
    return strncmp(driver, "sqlite", 6) != 0;
}

static apr_status_t close_gates(void *data)
{
    apr_time_t deadline = apr_time_now() + apr_time_from_sec(1);
    apr_hash_index_t *each;

    for (each = apr_hash_first(NULL, data); each; each = apr_hash_next(each)) {
        database_t *database;

        apr_hash_this(each, NULL, NULL, (void **)&database);
        gate_close(database->gate, deadline);
    }
    return APR_SUCCESS;
}

static void add_database(apr_pool_t *pool, server_rec *server)
{
    database_t *database = apr_pcalloc(pool, sizeof(*database));
    server_rec **key = apr_pmemdup(pool, &server, sizeof(server));
    dbd_settings_t settings;

    if (!dbd_settings(server, &settings) || !settings.driver)
        return;
    database->engine = engine_find(settings.driver);
    database->gate = gate_create(pool, settings.max,
                                 may_hang(settings.driver));
    if (database->engine && database->gate)
        apr_hash_set(databases, key, sizeof(*key), database);
}

void dbd_child_init(apr_pool_t *pool, server_rec *servers)
{
    server_rec *server;

    databases = apr_hash_make(pool);
    for (server = servers; server; server = server->next)
        add_database(pool, server);
    /* Before mod_dbd's pools go, which a look-up may still be using. */
    apr_pool_pre_cleanup_register(pool, databases, close_gates);
}

const engine_t *dbd_engine(server_rec *server)
{
    const database_t *database = apr_hash_get(databases, &server,
                                              sizeof(server));

    return database ? database->engine : NULL;
}
