/* SPDX-License-Identifier: Apache-2.0 */
#include "source/sql_database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apr_file_info.h"
#include "apr_strings.h"
#include "apr_user.h"

#include "base/file_stamp.h"
#include "db/dialect.h"

const char *sql_database_settings(apr_pool_t *pool, server_rec *server,
                                  database_settings_t *settings,
                                  const char **fault_at)
{
    if (!database_settings(server, settings))
        return "OCSPResponderCA needs mod_dbd, which is not loaded (a2enmod "
               "dbd, or LoadModule dbd_module)";
    *fault_at = "DBDriver";
    if (!settings->driver)
        return "OCSPResponderCA needs a database, and DBDriver is not set for "
               "this server";
    if (!dialect_find(settings->driver))
        return apr_psprintf(pool,
                            "DBDriver %s is not one that "
                            "OCSPResponderCA can use: %s",
                            settings->driver, dialect_names());
    *fault_at = "DBDParams";
    if (database_lacks_file(pool, settings))
        return "OCSPResponderCA needs a database, and DBDParams, which has to "
               "be the whole path of the SQLite file, names none for this "
               "server";
    *fault_at = "DBDMax";
    if (settings->max < settings->keep || settings->max < settings->min)
        return apr_psprintf(pool,
                            "DBDMax %d is less than DBDKeep %d or DBDMin %d: "
                            "mod_dbd opens no connection",
                            settings->max, settings->keep, settings->min);
    *fault_at = NULL;
    return NULL;
}

ocsp_responder_lookup_t sql_database_lookup(query_result_t result)
{
    switch (result) {
    case QUERY_OK:
        return OCSP_RESPONDER_LOOKUP_DONE;
    case QUERY_REFUSED:
        return OCSP_RESPONDER_LOOKUP_FAILED;
    default:
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    }
}

/* -- the database ---------------------------------------------------------- */

/* Before it is opened, so that the message names what is wrong. NULL: it is
 * there. */
static const char *fault_of_file(apr_pool_t *pool, const char *file,
                                 const char *table)
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
                            "no table %s",
                            file, table);
    if (access(file, R_OK) != 0)
        return apr_psprintf(pool,
                            "DBDParams: the SQLite file %s cannot be "
                            "read by the user that httpd runs as (%s); give "
                            "that user the right, with x on the folders above",
                            file, strerror(errno));
    return NULL;
}

int sql_database_check_file(const database_settings_t *settings,
                            const char *table,
                            const ocsp_responder_call_t *call,
                            const ocsp_responder_reporter_t *reporter)
{
    const char *file = database_file(call->pool, settings);
    const char *why = file ? fault_of_file(call->pool, file, table) : NULL;

    if (why)
        reporter->report(reporter, OCSP_RESPONDER_ERROR,
                         OCSP_RESPONDER_AT_DATABASE, why);
    return !why;
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

/* The role that really arrives, in pool. Where DBDParams name none, libpq takes
 * that of PGUSER or of the process's own user; NULL: it stands in a file. */
static const char *role_of(apr_pool_t *pool,
                           const database_settings_t *settings)
{
    const char *variable = dialect_find(settings->driver)->role_variable;
    const char *role = param(pool, settings->params, "user");
    char *user = NULL;
    apr_uid_t uid;
    apr_gid_t gid;

    if (role || !variable || param(pool, settings->params, "service"))
        return role;
    role = getenv(variable);
    if (role || apr_uid_current(&uid, &gid, pool) != APR_SUCCESS
        || apr_uid_name_get(&user, uid, pool) != APR_SUCCESS)
        return role;
    return user;
}

/* What a role may not read it does not even see, so that a table or a column
 * seems to be missing. Names the role and the right that it may lack. */
static const char *explain_rights(apr_pool_t *pool,
                                  const database_settings_t *settings,
                                  const char *tables, const char *why)
{
    const char *role = role_of(pool, settings);
    const char *host = param(pool, settings->params, "host");
    const char *quote = role && strchr(role, '-') ? "\"" : "";

    if (!role)
        return why;
    return apr_psprintf(pool,
                        "%s; if it is there, role %s at %s may not read it: "
                        "GRANT SELECT ON %s TO %s%s%s",
                        why, role, host ? host : "this machine", tables, quote,
                        role, quote);
}

/* Where to look for a server that cannot be reached. */
static const char *explain_host(
    apr_pool_t *pool, const database_settings_t *settings, const char *why)
{
    const char *host = param(pool, settings->params, "host");
    const char *role = role_of(pool, settings);

    return host || role
        ? apr_psprintf(pool, "DBDParams (host %s, role %s): %s",
                       host ? host : "this machine", role ? role : "unset", why)
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

/* -- SQLite's write-ahead log, which is beside the file -------------------- */

/* Whoever opens the file first makes it, its own and with the file's rights.
 * The file's owner, who may not write it; NULL if there is none. */
static const char *owner_without_log(apr_pool_t *pool, const apr_finfo_t *file,
                                     const apr_finfo_t *log)
{
    char *owner;

    if (log->user != geteuid() || file->user == log->user || file->user == 0
        || log->protection & (APR_FPROT_GWRITE | APR_FPROT_WWRITE))
        return NULL;
    return apr_uid_name_get(&owner, file->user, pool) == APR_SUCCESS ? owner
                                                                     : "?";
}

/* NULL: it is as it should be. */
static const char *fault_of_log(apr_pool_t *pool, const char *file,
                                const apr_finfo_t *of_file,
                                const apr_finfo_t *of_log)
{
    const char *owner = owner_without_log(pool, of_file, of_log);

    if (of_file->nlink > 1 || file_stamp_is_mounted(pool, file))
        return apr_psprintf(
            pool,
            "DBDParams: %s has another name, by a link or as it is mounted "
            "without its folder: what is revoked by that stays good here, as "
            "with journal_mode=WAL it is written beside that name: use the "
            "name that django-ca does, and mount the folder",
            file);
    if (owner)
        return apr_psprintf(
            pool,
            "DBDParams: %s-wal was made by the user that httpd runs as, and "
            "the owner of the file, %s, may not write it, so that nothing can "
            "be revoked: give both users a group that may write the file, and "
            "have root run sqlite3 %s .schema while httpd is stopped, which "
            "takes the log away",
            file, owner, file);
    return NULL;
}

static void check_log(const ocsp_responder_call_t *call,
                      const ocsp_responder_reporter_t *reporter)
{
    const apr_int32_t wanted =
        APR_FINFO_USER | APR_FINFO_PROT | APR_FINFO_NLINK;
    database_settings_t settings;
    const char *file = database_settings(call->server, &settings)
        ? database_file(call->pool, &settings)
        : NULL;
    const char *log = apr_pstrcat(call->pool, file, "-wal", NULL), *why = NULL;
    apr_finfo_t of_file, of_log;

    if (file && apr_stat(&of_file, file, wanted, call->pool) == APR_SUCCESS
        && apr_stat(&of_log, log, wanted, call->pool) == APR_SUCCESS)
        why = fault_of_log(call->pool, file, &of_file, &of_log);
    if (why)
        reporter->report(reporter, OCSP_RESPONDER_WARNING,
                         OCSP_RESPONDER_AT_DATABASE, why);
}

void sql_database_check_sessions(const ocsp_responder_call_t *call,
                                 const ocsp_responder_reporter_t *reporter)
{
    check_replica(call, reporter);
    check_autocommit(call, reporter);
    check_log(call, reporter);
}

/* -- a query that failed --------------------------------------------------- */

/* A server that does not answer may only be down, and a lock will go; an SQLite
 * file that cannot be used stays so. */
void sql_database_report(const database_settings_t *settings,
                         const char *tables, query_result_t result,
                         const char *why, const ocsp_responder_call_t *call,
                         const ocsp_responder_reporter_t *reporter)
{
    const char *file = database_file(call->pool, settings);
    const int passes =
        result == QUERY_LATE || (result == QUERY_UNAVAILABLE && !file);

    if (result != QUERY_REFUSED && file)
        why = apr_psprintf(call->pool, "DBDParams: the SQLite file %s: %s",
                           file, why);
    why = passes ? explain_host(call->pool, settings, why)
                 : explain_rights(call->pool, settings, tables, why);
    if (strncmp(why, "DBDParams", 9) != 0)
        why = apr_pstrcat(call->pool, "DBDParams: ", why, NULL);
    reporter->report(reporter,
                     passes ? OCSP_RESPONDER_WARNING : OCSP_RESPONDER_ERROR,
                     OCSP_RESPONDER_AT_DATABASE, why);
}
