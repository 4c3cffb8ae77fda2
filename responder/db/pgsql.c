/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include <stdlib.h>
#include <string.h>

#include "apr_strings.h"
#include "httpd.h"
#include "http_log.h"

#include "base/intervals.h"
#include "base/log_limit.h"
#include "db/kept.h"
#include "db/libpq.h"
#include "db/lineage.h"
#include "db/pgsql_connect.h"
#include "db/pgsql_results.h"
#include "db/placeholder.h"

APLOG_USE_MODULE(ocsp_responder);

/* The message about a server that is not to be asked. */
#define REFUSED "OCSP0209"

typedef struct {
    apr_pool_t *pool; /* as long as the connection */
    void *connection;
    int is_pooled; /* behind a pooler, which takes or keeps no options */
    kept_t kept;   /* names of statements */
    lineage_place_t *place; /* NULL: none */
    lineage_t lineage;
    const char *refusal; /* of a server that is not to be used; NULL: none */
} pgsql_t;

/* -- connections ----------------------------------------------------------- */

static void pgsql_close(void *connection)
{
    pgsql_t *pgsql = connection;

    kept_end(&pgsql->kept);
    libpq.finish(pgsql->connection);
}

/* An idle one has nothing to say but that it ends. What else there could be is
 * rare, and costs a new connection. */
static int pgsql_is_usable(void *connection)
{
    const pgsql_t *pgsql = connection;
    const int wire = libpq.socket(pgsql->connection);

    return wire >= 0 && driver_is_silent(wire)
        && libpq.status(pgsql->connection) == CONNECTION_OK;
}

/* -- queries --------------------------------------------------------------- */

static driver_result_t pgsql_finish(const pgsql_t *pgsql, db_run_t *run,
                                    int sent)
{
    void *last;
    const driver_result_t result = pgsql_results_collect(
        pgsql->connection, run, sent, PGRES_COMMAND_OK, &last);

    libpq.clear(last);
    return result;
}

/* Prepares a query, in the place of the one that was prepared first where there
 * are too many. */
static driver_result_t pgsql_prepare(pgsql_t *pgsql, db_run_t *run,
                                     const char **name)
{
    const char *surplus = kept_surplus(&pgsql->kept), *text = run->query->text;
    char *new_name = kept_name(run->pool, text);
    driver_result_t result = DRIVER_DONE;

    if (surplus)
        result =
            pgsql_finish(pgsql, run,
                         libpq.send_query(pgsql->connection,
                                          apr_pstrcat(run->pool, "DEALLOCATE ",
                                                      surplus, NULL)));
    if (result == DRIVER_DONE)
        result = pgsql_finish(
            pgsql, run,
            libpq.send_prepare(pgsql->connection, new_name,
                               placeholder_number(run->pool, text), 0, NULL));
    if (result == DRIVER_DONE)
        *name = kept_add(&pgsql->kept, text, strdup(new_name));
    return *name || result != DRIVER_DONE ? result : DRIVER_REFUSED;
}

static driver_result_t pgsql_run_kept(pgsql_t *pgsql, db_run_t *run,
                                      void **rows)
{
    const db_query_t *query = run->query;
    driver_result_t result = DRIVER_DONE;
    const char *name = kept_find(&pgsql->kept, query->text);

    if (kept_rests(&pgsql->kept, apr_time_now()))
        return DRIVER_REFUSED;
    if (!name)
        result = pgsql_prepare(pgsql, run, &name);
    if (result == DRIVER_DONE)
        result = pgsql_results_collect(
            pgsql->connection, run,
            libpq.send(pgsql->connection, name, query->count, query->arguments,
                       NULL, NULL, 0),
            PGRES_TUPLES_OK, rows);
    if (result == DRIVER_REFUSED)
        kept_fail(&pgsql->kept, query->text, apr_time_now());
    return result;
}

static const char *pgsql_escape(void *connection, apr_pool_t *pool,
                                const char *text)
{
    apr_size_t length = strlen(text);
    char *escaped = apr_palloc(pool, 2 * length + 1);
    int error = 0;

    libpq.escape(connection, escaped, text, length, &error);
    return error ? NULL : escaped;
}

static driver_result_t pgsql_run_text(pgsql_t *pgsql, db_run_t *run,
                                      void **rows)
{
    const char *text = placeholder_fill(run->pool, run->query, pgsql_escape,
                                        pgsql->connection);

    if (!text) {
        run->why = "an argument of the query cannot be written";
        return DRIVER_REFUSED;
    }
    /* All are one transaction, so that nobody else gets the settings. */
    if (pgsql->is_pooled)
        text = apr_pstrcat(run->pool, PGSQL_SETTINGS("; SET LOCAL ") "; ", text,
                           NULL);
    return pgsql_results_collect(pgsql->connection, run,
                                 libpq.send_query(pgsql->connection, text),
                                 PGRES_TUPLES_OK, rows);
}

static driver_result_t pgsql_run(void *connection, db_run_t *run)
{
    pgsql_t *pgsql = connection;
    driver_result_t result = DRIVER_REFUSED;
    void *rows = NULL;

    if (run->query->is_kept && !pgsql->is_pooled)
        result = pgsql_run_kept(pgsql, run, &rows);
    if (result == DRIVER_REFUSED)
        result = pgsql_run_text(pgsql, run, &rows);
    if (result == DRIVER_DONE) {
        result = pgsql_results_copy(rows, run);
        libpq.clear(rows);
    }
    return result;
}

/* -- which server it is ---------------------------------------------------- */

/* What is asked of one that has just been connected to. It may not answer, as a
 * pooler may have no server behind it: the refusal. NULL: no such row. */
static const char *const *ask_server(pgsql_t *pgsql, apr_pool_t *pool,
                                     const db_query_t *query)
{
    db_run_t run = { .pool = pool,
                     .query = query,
                     .deadline =
                         apr_time_now() + apr_time_from_sec(INTERVALS_DRIVER) };
    const driver_result_t result = pgsql_run(pgsql, &run);

    pgsql->refusal =
        result == DRIVER_LOST || result == DRIVER_LATE ? run.why : NULL;
    return result == DRIVER_DONE && run.rows.count == 1 && run.rows.rows[0][0]
        ? run.rows.rows[0]
        : NULL;
}

/* pgbouncer, told to ignore options, drops them and says nothing. What is ours
 * can be said with each query; without what is theirs, a search_path for one,
 * other tables might answer. */
static void look_for_pooler(pgsql_t *pgsql, apr_pool_t *pool,
                            const char *options)
{
    static const db_query_t query = {
        .text = "SELECT current_setting('" PGSQL_TOLD "', true)", .columns = 1
    };
    const char *const *row = ask_server(pgsql, pool, &query);

    if (pgsql->refusal
        || (row && strcmp(*row, pgsql_connect_told(pool, options)) == 0))
        return;
    pgsql->is_pooled = 1;
    if (options && *options)
        pgsql->refusal =
            apr_psprintf(pool,
                         "the server (PostgreSQL) was not told the options "
                         "(%s) of DBDParams, which a pooler drops: set them "
                         "by ALTER ROLE, and take them out",
                         options);
}

/* As far as the session's role may know; NULL where it may not. One that has
 * been promoted tells its new timeline at once by the name of the WAL that it
 * writes. */
static lineage_t ask_lineage(pgsql_t *pgsql, apr_pool_t *pool)
{
    static const db_query_t query = {
        .text = "SELECT CASE WHEN pg_is_in_recovery() THEN '1' ELSE '0' END,"
                " CAST((pg_control_system()).system_identifier AS text),"
                " CASE WHEN pg_is_in_recovery()"
                " THEN CAST((pg_control_checkpoint()).timeline_id AS text)"
                " ELSE CAST(CAST(CAST('x' || substr(pg_walfile_name("
                "pg_current_wal_lsn()), 1, 8) AS bit(32)) AS bigint) AS text)"
                " END",
        .columns = 3
    };
    const char *const *row = ask_server(pgsql, pool, &query);

    return row ? lineage_of(row[1], row[2], *row[0] == '1')
               : lineage_of(NULL, NULL, 0);
}

static void pgsql_refuse(pgsql_t *pgsql, apr_pool_t *pool, const char *why)
{
    const char *port = libpq.port(pgsql->connection);
    const char *host = libpq.host(pgsql->connection);

    pgsql->refusal =
        apr_psprintf(pool,
                     "the server (PostgreSQL) %s, port %s, is not asked: %s",
                     host, port, why);
    if (log_limit_allows(REFUSED, "", pgsql->refusal, apr_time_now()))
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, NULL,
                     REFUSED
                     ": DBDParams: %s; it knows nothing of what has "
                     "been revoked since: stop it, or where it is the right "
                     "one, restart httpd",
                     pgsql->refusal);
}

static int pgsql_admits(void *data, void *connection, const char *options)
{
    pgsql_t *pgsql = data;
    apr_pool_t *pool = pgsql->pool;
    const char *why;

    pgsql->connection = connection;
    if (!pgsql->is_pooled)
        look_for_pooler(pgsql, pool, options);
    if (pgsql->refusal)
        return 0;
    pgsql->lineage = ask_lineage(pgsql, pool);
    if (pgsql->refusal)
        return 0;
    if (lineage_admit(pgsql->place, pgsql->lineage, apr_time_now(), pool, &why))
        return 1;
    pgsql_refuse(pgsql, pool, why);
    return 0;
}

/* A standby that has been promoted meanwhile is asked again where it is. */
static int pgsql_is_current(void *connection)
{
    const pgsql_t *pgsql = connection;
    const char *is_standby = pgsql->lineage.is_standby
        ? libpq.parameter(pgsql->connection, "in_hot_standby")
        : NULL;

    return !lineage_is_behind(pgsql->place, pgsql->lineage)
        && !(is_standby && strcmp(is_standby, "off") == 0);
}

static void *pgsql_open(apr_pool_t *pool, const char *params,
                        const apr_array_header_t *commands, const char **why)
{
    pgsql_t *pgsql = apr_pcalloc(pool, sizeof(*pgsql));
    const pgsql_admission_t admission = { pgsql_admits, pgsql };

    pgsql->pool = pool;
    pgsql->kept.end = free;
    pgsql->place = lineage_place(params);
    pgsql->connection =
        pgsql_connect(pool, params, &admission, &pgsql->is_pooled);
    if (libpq.status(pgsql->connection) != CONNECTION_OK)
        *why = "no connection to the database (PostgreSQL): ";
    else if (!pgsql_connect_prepare(pgsql->connection, commands))
        *why = "DBDInitSQL failed (PostgreSQL): ";
    else
        return pgsql;
    *why = pgsql->refusal
        ? pgsql->refusal
        : apr_pstrcat(pool, *why, pgsql_results_error(pool, pgsql->connection),
                      NULL);
    libpq.finish(pgsql->connection);
    return NULL;
}

/* -------------------------------------------------------------------------- */

const driver_t pgsql_driver = {
    .name = "pgsql",
    .load = libpq_load,
    .open = pgsql_open,
    .is_usable = pgsql_is_usable,
    .is_current = pgsql_is_current,
    .run = pgsql_run,
    .close = pgsql_close,
    .version = libpq_version,
    .replica = "SELECT CASE WHEN pg_is_in_recovery() THEN '1' ELSE '0' END,"
               " CASE WHEN NOT pg_is_in_recovery() THEN NULL"
               /* All that has come is replayed, and more would come: every role
                * sees whether there is a receiver. */
               " WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()"
               " AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver) THEN '0'"
               " ELSE CAST(CAST(EXTRACT(EPOCH FROM now()"
               " - pg_last_xact_replay_timestamp()) AS bigint) AS text) END",
};
