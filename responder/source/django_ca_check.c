/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca_check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "apr_file_info.h"
#include "apr_strings.h"

#include "base/calendar.h"
#include "db/query.h"

const char *django_ca_database(apr_pool_t *pool, server_rec *server,
                               database_settings_t *settings)
{
    if (!database_settings(server, settings))
        return "OCSPResponderCA needs mod_dbd, which is not loaded (a2enmod "
               "dbd, or LoadModule dbd_module)";
    if (!settings->driver)
        return "OCSPResponderCA needs a database, and DBDriver is not set for "
               "this server";
    if (!dialect_find(settings->driver))
        return apr_psprintf(pool,
                            "DBDriver %s is not one that "
                            "OCSPResponderCA can use: %s",
                            settings->driver, dialect_names());
    if (database_lacks_file(pool, settings))
        return "OCSPResponderCA needs a database, and DBDParams, which has to "
               "be the whole path of the SQLite file, names none for this "
               "server";
    if (settings->max < settings->keep || settings->max < settings->min)
        return apr_psprintf(pool,
                            "DBDMax %d is less than DBDKeep %d or DBDMin %d: "
                            "mod_dbd opens no connection",
                            settings->max, settings->keep, settings->min);
    return NULL;
}

/* -- the database ---------------------------------------------------------- */

/* Before it is opened, so that the message names what is wrong. NULL: it is
 * there. */
static const char *fault_of_file(apr_pool_t *pool, const char *file)
{
    apr_finfo_t info;

    if (*file != '/')
        return apr_psprintf(
            pool,
            "DBDParams: the SQLite file %s is named without its "
            "folder, so that it depends on where httpd was "
            "started; write the whole path",
            file);
    if (access(file, F_OK) != 0 && errno == ENOENT)
        return apr_psprintf(
            pool, "DBDParams: the SQLite file %s does not exist", file);
    if (apr_stat(&info, file, APR_FINFO_SIZE, pool) == APR_SUCCESS
        && info.size == 0)
        return apr_psprintf(pool,
                            "DBDParams: the SQLite file %s is empty: there is "
                            "no table " TABLE_CERTIFICATES,
                            file);
    if (access(file, R_OK) != 0)
        return apr_psprintf(pool,
                            "DBDParams: the SQLite file %s cannot be "
                            "read by the user that httpd runs as (%s)",
                            file, strerror(errno));
    return NULL;
}

static db_query_t one_column(apr_pool_t *pool, const schema_t *schema,
                             const void *text)
{
    db_query_t query = { .text = text, .columns = 1 };

    (void)pool, (void)schema;
    return query;
}

/* -- who may not read what ------------------------------------------------- */

/* The value of a word in DBDParams ("user=ocsp,…"), in pool; NULL: it is not
 * there. */
static const char *param(apr_pool_t *pool, const char *params, const char *name)
{
    apr_size_t length = strlen(name);
    const char *at = params;

    while ((at = strstr(at, name))) {
        if (at[length] == '=' && (at == params || strchr(" ,;\t'\"", at[-1]))) {
            at += length + 1;
            return apr_pstrmemdup(pool, at, strcspn(at, " ,;\t'\""));
        }
        at += length;
    }
    return NULL;
}

/* What a role may not read it does not even see, so that a table or a column
 * seems to be missing. Names the role and the right that it may lack. */
static const char *explain_rights(
    apr_pool_t *pool, const database_settings_t *settings, const char *why)
{
    const char *user = param(pool, settings->params, "user");
    const char *host = param(pool, settings->params, "host");

    if (!user)
        return why;
    return apr_psprintf(pool,
                        "%s; if it is there, role %s at %s may not read it: "
                        "GRANT SELECT ON " TABLE_CERTIFICATES
                        ", " TABLE_AUTHORITIES " TO %s",
                        why, user, host ? host : "this machine", user);
}

/* Where to look for a server that cannot be reached. */
static const char *explain_host(
    apr_pool_t *pool, const database_settings_t *settings, const char *why)
{
    const char *host = param(pool, settings->params, "host");
    const char *user = param(pool, settings->params, "user");

    return host || user
        ? apr_psprintf(pool, "DBDParams (host %s, role %s): %s",
                       host ? host : "this machine", user ? user : "unset", why)
        : why;
}

/* What is revoked on its primary is good on one that lags. */
static void check_replica(const ocsp_responder_call_t *call,
                          const ocsp_responder_reporter_t *reporter)
{
    query_replica_t replica;
    const char *lag = ", which does not tell how far it is behind", *why;

    if (query_replica(call->server, call->pool, call->deadline, &replica, &why)
            != QUERY_OK
        || !replica.is_replica)
        return;
    if (replica.lag >= 0)
        lag = apr_psprintf(call->pool, ", which is %ld seconds behind",
                           replica.lag);
    reporter->report(
        reporter, OCSP_RESPONDER_WARNING, OCSP_RESPONDER_AT_DATABASE,
        apr_psprintf(call->pool,
                     "DBDParams lead to a replica of the database%s: answers "
                     "say what is revoked only when the replica has it. With "
                     "PostgreSQL, target_session_attrs=read-write keeps to the "
                     "primary",
                     lag));
}

/* In a transaction that does not end each query sees what the first one saw. */
static void check_autocommit(const ocsp_responder_call_t *call,
                             const ocsp_responder_reporter_t *reporter)
{
    if (query_begins_in_transaction(call->server, call->pool, call->deadline))
        reporter->report(
            reporter, OCSP_RESPONDER_WARNING, OCSP_RESPONDER_AT_DATABASE,
            "DBDParams: sessions of this database begin with autocommit=0 (the "
            "server's autocommit or init_connect, a my.cnf, or DBDInitSQL). "
            "OCSP answers are current all the same, as their sessions turn it "
            "on; a program that does not misses revocations: set autocommit=1");
}

/* -- what times mean ------------------------------------------------------- */

/* Asks for one column, or a row that is not there: 1 if it was found. *result
 * tells whether the question was understood. */
static int ask_for_text(const ocsp_responder_call_t *call, const char *text,
                        query_result_t *result)
{
    const db_query_t query = { .text = text, .columns = 1 };
    const char *why;
    db_rows_t rows;

    *result = query_run(call->server, call->pool, &query, call->deadline, &rows,
                        &why);
    return *result == QUERY_OK && rows.count > 0;
}

/* Releases before 1.24 store a site's wall clock, and have no such column. */
static void check_age(const ocsp_responder_call_t *call,
                      const ocsp_responder_reporter_t *reporter)
{
    query_result_t result;

    ask_for_text(call, "SELECT updated FROM " TABLE_CERTIFICATES " WHERE 1 = 0",
                 &result);
    if (result == QUERY_REFUSED)
        reporter->report(
            reporter, OCSP_RESPONDER_WARNING, OCSP_RESPONDER_AT_SOURCE,
            "OCSPResponderTimeZone is not set, and the tables are of a "
            "django-ca before 1.24, which stored local times: set it to the "
            "site's TIME_ZONE, or to UTC where USE_TZ was True");
}

/* zone is that of the literal, where the engine's times have one. */
static void check_future(const char *zone, const ocsp_responder_call_t *call,
                         const ocsp_responder_reporter_t *reporter)
{
    query_result_t result;
    int now[CALENDAR_PARTS];

    calendar_parts(now, apr_time_sec(apr_time_now()) + 60);
    if (ask_for_text(call,
                     apr_psprintf(call->pool,
                                  "SELECT serial FROM " TABLE_CERTIFICATES
                                  " WHERE revoked AND revoked_date > "
                                  "'%04d-%02d-%02d %02d:%02d:%02d%s' LIMIT 1",
                                  now[0], now[1], now[2], now[3], now[4],
                                  now[5], zone),
                     &result))
        reporter->report(
            reporter, OCSP_RESPONDER_WARNING, OCSP_RESPONDER_AT_SOURCE,
            "a certificate is revoked in the future; answers say that it is "
            "revoked now: set OCSPResponderTimeZone to the site's TIME_ZONE, "
            "or look at the clocks");
}

/* Where a zone is set it is known what local times mean. */
static void check_times(const database_settings_t *settings, const char *zone,
                        const ocsp_responder_call_t *call,
                        const ocsp_responder_reporter_t *reporter)
{
    int has_instants = dialect_find(settings->driver)->has_instants;

    if (!has_instants && !zone)
        check_age(call, reporter);
    if (has_instants || !zone)
        check_future(has_instants ? "+00" : "", call, reporter);
}

/* A server that does not answer may only be down, and a lock will go; an SQLite
 * file that cannot be used stays so. */
static void check_tables(const database_settings_t *settings, const char *file,
                         const char *zone, schema_cache_t *schema,
                         const ocsp_responder_call_t *call,
                         const ocsp_responder_reporter_t *reporter)
{
    const schema_t *found;
    const char *why;
    db_rows_t rows;
    query_result_t result = schema_cache_query(schema, call, one_column,
                                               "SELECT 1", &found, &rows, &why);

    if (result == QUERY_OK) {
        check_replica(call, reporter);
        check_autocommit(call, reporter);
        check_times(settings, zone, call, reporter);
        return;
    }
    if (result == QUERY_UNAVAILABLE && file) {
        if (!ap_strstr_c(why, "locked"))
            result = QUERY_REFUSED;
        why = apr_psprintf(call->pool, "DBDParams: the SQLite file %s: %s",
                           file, why);
    }
    why = result == QUERY_UNAVAILABLE
        ? explain_host(call->pool, settings, why)
        : explain_rights(call->pool, settings, why);
    if (strncmp(why, "DBDParams", 9) != 0)
        why = apr_pstrcat(call->pool, "DBDParams: ", why, NULL);
    reporter->report(reporter,
                     result == QUERY_UNAVAILABLE ? OCSP_RESPONDER_WARNING
                                                 : OCSP_RESPONDER_ERROR,
                     OCSP_RESPONDER_AT_DATABASE, why);
}

void django_ca_check(const database_settings_t *settings, const char *zone,
                     schema_cache_t *schema, const ocsp_responder_call_t *call,
                     const ocsp_responder_reporter_t *reporter)
{
    const char *file = database_file(call->pool, settings);
    const char *why = file ? fault_of_file(call->pool, file) : NULL;

    if (why)
        reporter->report(reporter, OCSP_RESPONDER_ERROR,
                         OCSP_RESPONDER_AT_DATABASE, why);
    else
        check_tables(settings, file, zone, schema, call, reporter);
}
