/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca_check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "apr_file_info.h"
#include "apr_strings.h"

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

static db_query_t none(apr_pool_t *pool, const schema_t *schema,
                       const void *data)
{
    db_query_t query = { .text = "SELECT 1", .columns = 1 };

    (void)pool, (void)schema, (void)data;
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
    const char *lag = "", *why;

    if (query_replica(call->server, call->pool, call->deadline, &replica, &why)
            != QUERY_OK
        || !replica.is_replica)
        return;
    if (replica.lag >= 0)
        lag = apr_psprintf(call->pool, ", which is %ld seconds behind",
                           replica.lag);
    reporter->report(
        reporter, OCSP_RESPONDER_WARNING, OCSP_RESPONDER_AT_SOURCE,
        apr_psprintf(call->pool,
                     "DBDParams lead to a replica of the database%s: answers "
                     "say what is revoked only when the replica has it. With "
                     "PostgreSQL, target_session_attrs=read-write keeps to the "
                     "primary",
                     lag));
}

/* A server that does not answer may only be down, and a lock will go; an SQLite
 * file that cannot be used stays so. */
static void check_tables(const database_settings_t *settings, const char *file,
                         schema_cache_t *schema,
                         const ocsp_responder_call_t *call,
                         const ocsp_responder_reporter_t *reporter)
{
    const schema_t *found;
    const char *why;
    db_rows_t rows;
    query_result_t result =
        schema_cache_query(schema, call, none, NULL, &found, &rows, &why);

    if (result == QUERY_OK) {
        check_replica(call, reporter);
        return;
    }
    if (result == QUERY_UNAVAILABLE && file) {
        if (ap_strstr_c(why, "locked")) {
            reporter->report(reporter, OCSP_RESPONDER_WARNING,
                             OCSP_RESPONDER_AT_SOURCE, why);
            return;
        }
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

void django_ca_check(const database_settings_t *settings,
                     schema_cache_t *schema, const ocsp_responder_call_t *call,
                     const ocsp_responder_reporter_t *reporter)
{
    const char *file = database_file(call->pool, settings);
    const char *why = file ? fault_of_file(call->pool, file) : NULL;

    if (why)
        reporter->report(reporter, OCSP_RESPONDER_ERROR,
                         OCSP_RESPONDER_AT_DATABASE, why);
    else
        check_tables(settings, file, schema, call, reporter);
}
