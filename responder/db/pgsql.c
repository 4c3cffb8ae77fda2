/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include <stdlib.h>
#include <string.h>

#include "apr_lib.h"
#include "apr_strings.h"
#include "httpd.h"
#include "http_log.h"

#include "base/log_limit.h"
#include "db/kept.h"
#include "db/libpq.h"
#include "db/lineage.h"
#include "db/pgsql_connect.h"
#include "db/placeholder.h"

APLOG_USE_MODULE(ocsp_responder);

/* The message about a server that is not to be asked. */
#define REFUSED "OCSP0209"

typedef struct {
    apr_pool_t *pool; /* as long as the connection */
    void *connection;
    int is_pooled; /* behind a pooler, which takes no options at the start */
    kept_t kept;   /* names of statements */
    lineage_place_t *place; /* NULL: none */
    lineage_t lineage;
    const char *refusal; /* of a server that is not to be used; NULL: none */
} pgsql_t;

/* -- connections ----------------------------------------------------------- */

static const char *trimmed(apr_pool_t *pool, const char *text)
{
    apr_size_t length = strlen(text);

    while (length > 0 && apr_isspace(text[length - 1]))
        length--;
    return length ? apr_pstrmemdup(pool, text, length) : "it does not answer";
}

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

/* -- waiting --------------------------------------------------------------- */

/* Until there is something to read. */
static driver_result_t wait_until(const pgsql_t *pgsql, apr_time_t deadline)
{
    return driver_wait(libpq.socket(pgsql->connection), deadline);
}

/* The next result, NULL after the last. */
static driver_result_t next(const pgsql_t *pgsql, apr_time_t deadline,
                            void **result)
{
    *result = NULL;
    while (libpq.is_busy(pgsql->connection)) {
        driver_result_t waited = wait_until(pgsql, deadline);

        if (waited != DRIVER_DONE)
            return waited;
        if (!libpq.consume(pgsql->connection))
            return DRIVER_LOST;
    }
    *result = libpq.result(pgsql->connection);
    return DRIVER_DONE;
}

/* What became of a query: the last result that is of the kind, or an error. */
typedef struct {
    int kind;
    void *result; /* NULL: none */
    const char *why;
    int is_fatal; /* the session has ended */
} outcome_t;

static void take_result(outcome_t *outcome, apr_pool_t *pool, void *result)
{
    const char *severity;

    if (libpq.result_status(result) == outcome->kind) {
        if (outcome->result)
            libpq.clear(outcome->result);
        outcome->result = result;
        return;
    }
    severity = libpq.result_field(result, PG_DIAG_SEVERITY);
    if (severity)
        outcome->why =
            apr_pstrcat(pool, "the query failed (PostgreSQL): ", severity, ": ",
                        libpq.result_field(result, PG_DIAG_MESSAGE_PRIMARY),
                        NULL);
    outcome->is_fatal |= severity && strcmp(severity, "ERROR") != 0;
    libpq.clear(result);
}

/* All results, up to the end of the query. */
static driver_result_t collect(const pgsql_t *pgsql, apr_pool_t *pool,
                               apr_time_t deadline, outcome_t *outcome)
{
    driver_result_t waited;
    void *each;

    while ((waited = next(pgsql, deadline, &each)) == DRIVER_DONE && each)
        take_result(outcome, pool, each);
    if (waited == DRIVER_DONE
        && (outcome->is_fatal
            || libpq.status(pgsql->connection) != CONNECTION_OK))
        waited = DRIVER_LOST;
    if (waited == DRIVER_DONE && outcome->result && !outcome->why)
        return DRIVER_DONE;
    if (outcome->result)
        libpq.clear(outcome->result);
    outcome->result = NULL;
    if (!outcome->why)
        outcome->why = waited == DRIVER_LATE
            ? "the database (PostgreSQL) did not answer in time"
            : apr_pstrcat(pool, "the connection (PostgreSQL) is lost: ",
                          trimmed(pool, libpq.error(pgsql->connection)), NULL);
    return waited == DRIVER_DONE ? DRIVER_REFUSED : waited;
}

/* -- queries --------------------------------------------------------------- */

/* What was sent is done. */
static int finish(const pgsql_t *pgsql, apr_pool_t *pool, int sent,
                  apr_time_t deadline)
{
    outcome_t outcome = { .kind = PGRES_COMMAND_OK };

    if (!sent || collect(pgsql, pool, deadline, &outcome) != DRIVER_DONE)
        return 0;
    libpq.clear(outcome.result);
    return 1;
}

/* NULL: it is to be run as text, and what has become of the connection shows
 * then. */
static const char *name_of(pgsql_t *pgsql, apr_pool_t *pool, const char *text,
                           apr_time_t deadline)
{
    const char *name = kept_find(&pgsql->kept, text);
    const char *surplus = kept_surplus(&pgsql->kept);

    if (name)
        return name;
    name = kept_name(pool, text);
    if (surplus)
        finish(
            pgsql, pool,
            libpq.send_query(pgsql->connection,
                             apr_pstrcat(pool, "DEALLOCATE ", surplus, NULL)),
            deadline);
    if (!finish(pgsql, pool,
                libpq.send_prepare(pgsql->connection, name,
                                   placeholder_number(pool, text), 0, NULL),
                deadline))
        return NULL;
    return kept_add(&pgsql->kept, text, strdup(name));
}

static driver_result_t run_kept(pgsql_t *pgsql, apr_pool_t *pool,
                                const db_query_t *query, apr_time_t deadline,
                                outcome_t *outcome)
{
    driver_result_t result;
    const char *name;

    if (kept_rests(&pgsql->kept, apr_time_now()))
        return DRIVER_REFUSED;
    name = name_of(pgsql, pool, query->text, deadline);
    result = name
            && libpq.send(pgsql->connection, name, query->count,
                          query->arguments, NULL, NULL, 0)
        ? collect(pgsql, pool, deadline, outcome)
        : DRIVER_REFUSED;
    if (result == DRIVER_DONE)
        return result;
    kept_fail(&pgsql->kept, query->text, apr_time_now());
    return result;
}

static const char *escape(void *connection, apr_pool_t *pool, const char *text)
{
    apr_size_t length = strlen(text);
    char *escaped = apr_palloc(pool, 2 * length + 1);
    int error = 0;

    libpq.escape(connection, escaped, text, length, &error);
    return error ? NULL : escaped;
}

static driver_result_t run_text(pgsql_t *pgsql, apr_pool_t *pool,
                                const db_query_t *query, apr_time_t deadline,
                                outcome_t *outcome)
{
    const char *text = placeholder_fill(pool, query, escape, pgsql->connection);

    outcome->why = NULL;
    if (!text) {
        outcome->why = "an argument of the query cannot be written";
        return DRIVER_REFUSED;
    }
    /* Both are one transaction, so that nobody else gets the setting. */
    if (pgsql->is_pooled)
        text = apr_pstrcat(pool, "SET LOCAL " PGSQL_STATEMENT_TIMEOUT "; ",
                           text, NULL);
    if (!libpq.send_query(pgsql->connection, text)) {
        outcome->why =
            apr_pstrcat(pool, "the connection (PostgreSQL) is lost: ",
                        trimmed(pool, libpq.error(pgsql->connection)), NULL);
        return DRIVER_LOST;
    }
    return collect(pgsql, pool, deadline, outcome);
}

static const char *column_of(void *result, int row, int column,
                             apr_size_t *length)
{
    *length = (apr_size_t)libpq.length(result, row, column);
    return libpq.is_null(result, row, column)
        ? NULL
        : libpq.value(result, row, column);
}

static driver_result_t copy_out(void *result, apr_pool_t *pool,
                                const db_query_t *query, db_rows_t *rows,
                                const char **why)
{
    apr_array_header_t *list = result_begin(pool);
    int count = libpq.rows(result), i;

    if (libpq.columns(result) != query->columns) {
        *why = "the result of the query has another number of columns";
        return DRIVER_REFUSED;
    }
    for (i = 0; i < count; i++)
        result_add(list, query->columns, column_of, result, i);
    *rows = result_rows(list, query->columns);
    return DRIVER_DONE;
}

static driver_result_t pgsql_run(void *connection, apr_pool_t *pool,
                                 const db_query_t *query, apr_time_t deadline,
                                 db_rows_t *rows, const char **why)
{
    pgsql_t *pgsql = connection;
    outcome_t outcome = { .kind = PGRES_TUPLES_OK };
    driver_result_t result = DRIVER_REFUSED;

    if (query->is_kept && !pgsql->is_pooled)
        result = run_kept(pgsql, pool, query, deadline, &outcome);
    if (result == DRIVER_REFUSED)
        result = run_text(pgsql, pool, query, deadline, &outcome);
    *why = outcome.why;
    if (result != DRIVER_DONE)
        return result;
    result = copy_out(outcome.result, pool, query, rows, why);
    libpq.clear(outcome.result);
    return result;
}

/* -- which server it is ---------------------------------------------------- */

/* As far as the session's role may know; NULL where it may not. A server that
 * has been promoted tells its new timeline at once by the name of the WAL that
 * it writes. */
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
    apr_time_t deadline = apr_time_now() + apr_time_from_sec(DRIVER_PATIENCE);
    db_rows_t rows = { .count = 0 };
    const char *why, *const *row;

    if (pgsql_run(pgsql, pool, &query, deadline, &rows, &why) != DRIVER_DONE
        || rows.count != 1 || !rows.rows[0][0])
        return lineage_of(NULL, NULL, 0);
    row = rows.rows[0];
    return lineage_of(row[1], row[2], *row[0] == '1');
}

static void refuse(pgsql_t *pgsql, apr_pool_t *pool, const char *why)
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

static int pgsql_admits(void *data, void *connection)
{
    pgsql_t *pgsql = data;
    apr_pool_t *pool = pgsql->pool;
    const char *why;

    pgsql->connection = connection;
    pgsql->lineage = ask_lineage(pgsql, pool);
    if (lineage_admit(pgsql->place, pgsql->lineage, apr_time_now(), pool, &why))
        return 1;
    refuse(pgsql, pool, why);
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
    int i;

    pgsql->pool = pool;
    pgsql->kept.end = free;
    pgsql->place = lineage_place(params);
    pgsql->connection =
        pgsql_connect(pool, params, &admission, &pgsql->is_pooled);
    if (libpq.status(pgsql->connection) != CONNECTION_OK) {
        *why = pgsql->refusal
            ? pgsql->refusal
            : apr_pstrcat(pool, "no connection to the database (PostgreSQL): ",
                          trimmed(pool, libpq.error(pgsql->connection)), NULL);
        libpq.finish(pgsql->connection);
        return NULL;
    }
    for (i = 0; i < commands->nelts; i++)
        libpq.clear(libpq.exec(pgsql->connection,
                               APR_ARRAY_IDX(commands, i, const char *)));
    return pgsql;
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
