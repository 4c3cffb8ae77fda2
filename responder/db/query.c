/* SPDX-License-Identifier: Apache-2.0 */
#include "db/query.h"

#include "apr_atomic.h"
#include "apr_strings.h"
#include "http_log.h"
#include "mod_dbd.h"

#include "db/connection.h"
#include "db/database.h"
#include "db/placeholder.h"
#include "db/prepared.h"

APLOG_USE_MODULE(ocsp_responder);

/* Tries of a query that the database refuses, each on a connection that mod_dbd
 * has just checked; what a dead pooled connection needs to heal. */
#define TRIES 3

/* For how long all is left to the executor's threads once another module was
 * found to use the same connections. */
#define SURPRISED 10 /* seconds */

static APR_OPTIONAL_FN_TYPE(ap_dbd_open) * dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) * dbd_close;

int query_find_functions(void)
{
    dbd_open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    dbd_close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    return dbd_open && dbd_close;
}

/* -- one look-up, with retries --------------------------------------------- */

/* Lives in a pool of its own, as its caller may walk away. */
typedef struct {
    apr_pool_t *pool;
    apr_pool_t *caller; /* its pool, only while it waits */
    server_rec *server;
    const database_t *database;
    ap_dbd_t *pending; /* a connection that still waits for an answer;
                        * NULL: none */
    db_query_t query;
    apr_time_t deadline;
    sqlite_file_t file; /* the database, if it is one */
    db_rows_t rows;
    int is_callers; /* work and rows are in its thread and pool */
    query_result_t result;
    const char *why;
} job_t;

static void fail(job_t *job, query_result_t result, const char *why)
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

static void trace(const job_t *job, const char *what)
{
    if (APLOG_IS_LEVEL(job->server, APLOG_TRACE4))
        ap_log_error(APLOG_MARK, APLOG_TRACE4, 0, job->server, "%s%s", what,
                     placeholder_fill(job->pool, &job->query, NULL, NULL));
}

static void ask(job_t *job, ap_dbd_t *dbd)
{
    const char *text;
    int error;

    trace(job, "asks: ");
    error = prepared_run(dbd, job->is_callers ? job->caller : job->pool,
                         &job->query, job->rows.columns, &job->rows);
    if (error == 0) {
        job->result = QUERY_OK;
        return;
    }
    text = apr_dbd_error(dbd->driver, dbd->handle, error);
    fail(job, QUERY_REFUSED,
         apr_psprintf(job->pool, "the query failed (%s, %d): %s",
                      apr_dbd_name(dbd->driver), error,
                      text && *text ? text : "no reason given"));
}

/* One that can be used; NULL: none, and the job has failed. */
static ap_dbd_t *open_ready(job_t *job)
{
    const char *name = job->database->file, *why = NULL;
    ap_dbd_t *dbd;

    if (name && !sqlite_file_find(name, &job->file)) {
        fail(job, QUERY_UNAVAILABLE,
             "the SQLite file does not exist, or is "
             "empty");
        return NULL;
    }
    dbd = open_one(job);
    if (!dbd) {
        fail(job, QUERY_UNAVAILABLE,
             "no connection to the database (mod_dbd's "
             "own message is above)");
        return NULL;
    }
    if (name && !connection_follow(dbd, job->pool, name, &job->file, &why)) {
        dbd_close(job->server, dbd);
        fail(job, QUERY_UNAVAILABLE, why);
        return NULL;
    }
    if (!name) {
        connection_prepare(dbd);
        connection_count(dbd, &job->database->use->connections);
    }
    return dbd;
}

static void try_once(job_t *job)
{
    ap_dbd_t *dbd = open_ready(job);

    if (!dbd)
        return;
    ask(job, dbd);
    dbd_close(job->server, dbd);
}

static apr_uint32_t seconds_since(volatile apr_uint32_t *then)
{
    return (apr_uint32_t)apr_time_sec(apr_time_now()) - apr_atomic_read32(then);
}

static void note(volatile apr_uint32_t *now)
{
    apr_atomic_set32(now, (apr_uint32_t)apr_time_sec(apr_time_now()));
}

/* The caller has gone. */
static int finish(job_t *job)
{
    int answered = prepared_finish(job->pending);

    dbd_close(job->server, job->pending);
    return answered;
}

static int look_up(void *data)
{
    job_t *job = data;
    int tries = 0;

    if (job->pending)
        return finish(job);
    do {
        try_once(job);
    } while (job->result == QUERY_REFUSED && ++tries < TRIES
             && apr_time_now() < job->deadline);
    if (job->result == QUERY_OK)
        note(&job->database->use->served);
    /* Refused is an answer too. */
    return job->result != QUERY_UNAVAILABLE;
}

/* -- in the caller's own thread -------------------------------------------- */

/* Whether mod_dbd will give a connection at once, one that has just been of
 * use: to make another, or to find out that one is dead, can take for ever.
 * Where other modules use them, too, there is no telling. */
static int is_at_hand(const job_t *job, int inside)
{
    database_use_t *use = job->database->use;

    return job->database->keeps && job->query.is_kept
        && apr_atomic_read32(&use->connections) >= (apr_uint32_t)inside
        && seconds_since(&use->served) <= 1
        && seconds_since(&use->surprised) >= SURPRISED;
}

static executor_tried_t try_here(void *data, int inside)
{
    job_t *job = data;
    database_use_t *use = job->database->use;
    ap_dbd_t *dbd =
        is_at_hand(job, inside) ? dbd_open(job->pool, job->server) : NULL;
    executor_tried_t tried;

    if (!dbd)
        return EXECUTOR_UNDONE;
    if (!connection_count(dbd, &use->connections))
        note(&use->surprised);
    tried = prepared_try(dbd, job->caller, &job->query, job->rows.columns,
                         job->deadline, &job->rows);
    if (tried == EXECUTOR_PENDING) {
        job->pending = dbd;
        return tried;
    }
    dbd_close(job->server, dbd);
    if (tried == EXECUTOR_DONE) {
        trace(job, "asked at once: ");
        job->result = QUERY_OK;
        job->is_callers = 1;
        note(&use->served);
    }
    else
        /* mod_dbd may have to connect anew. */
        apr_atomic_set32(&use->served, 0);
    return tried;
}

/* -- jobs ------------------------------------------------------------------ */

static void copy_out(job_t *job, apr_pool_t *pool, db_rows_t *rows)
{
    const char ***copy =
        apr_palloc(pool, (job->rows.count + 1) * sizeof(*copy));
    int row, column;

    for (row = 0; row < job->rows.count; row++) {
        copy[row] = apr_palloc(pool, job->rows.columns * sizeof(**copy));
        for (column = 0; column < job->rows.columns; column++)
            copy[row][column] = apr_pstrdup(pool, job->rows.rows[row][column]);
    }
    *rows = job->rows;
    rows->rows = (const char *const *const *)copy;
}

static db_query_t copy_query(apr_pool_t *pool, const db_query_t *query)
{
    db_query_t copy = *query;
    const char **arguments =
        apr_palloc(pool, (apr_size_t)(copy.count + 1) * sizeof(*arguments));
    int i;

    for (i = 0; i < copy.count; i++)
        arguments[i] = apr_pstrdup(pool, query->arguments[i]);
    copy.text = apr_pstrdup(pool, query->text);
    copy.arguments = arguments;
    return copy;
}

static job_t *new_job(server_rec *server, const database_t *database,
                      apr_time_t deadline)
{
    apr_pool_t *pool = executor_job_pool(database->executor);
    job_t *job = pool ? apr_pcalloc(pool, sizeof(*job)) : NULL;

    if (!job)
        return NULL;
    job->pool = pool;
    job->server = server;
    job->database = database;
    job->deadline = deadline;
    return job;
}

#define DEADLINE "ocsp_responder:deadline"

apr_time_t query_deadline(request_rec *r)
{
    void *data = NULL;
    apr_time_t *deadline;

    apr_pool_userdata_get(&data, DEADLINE, r->pool);
    if (data)
        return *(apr_time_t *)data;
    deadline = apr_palloc(r->pool, sizeof(*deadline));
    *deadline = apr_time_now() + QUERY_LIMIT;
    apr_pool_userdata_setn(deadline, DEADLINE, NULL, r->pool);
    return *deadline;
}

query_result_t query_run(server_rec *server, apr_pool_t *pool,
                         const db_query_t *query, apr_time_t deadline,
                         db_rows_t *rows, const char **why)
{
    const database_t *database = database_of(server);
    job_t *job = NULL;
    query_result_t result;

    *why = "the database does not answer";
    if (database && apr_time_now() < deadline)
        job = new_job(server, database, deadline);
    if (!job)
        return QUERY_UNAVAILABLE;
    job->caller = pool;
    job->is_callers = database->driver->is_file;
    job->query = job->is_callers ? *query : copy_query(job->pool, query);
    job->rows.columns = query->columns;
    if (!executor_run(database->executor, try_here, look_up, job, job->pool,
                      deadline))
        return QUERY_UNAVAILABLE;
    result = job->result;
    if (result == QUERY_OK && job->is_callers)
        *rows = job->rows;
    else if (result == QUERY_OK)
        copy_out(job, pool, rows);
    else
        *why = apr_pstrdup(pool, job->why);
    executor_done(database->executor, job->pool);
    return result;
}
