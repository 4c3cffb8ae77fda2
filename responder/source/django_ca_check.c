/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca_check.h"

#include <errno.h>
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

/* A server that does not answer may only be down, and a lock will go; an SQLite
 * file that cannot be used stays so. */
static void check_tables(const char *file, schema_cache_t *schema,
                         const ocsp_responder_call_t *call,
                         const ocsp_responder_reporter_t *reporter)
{
    const schema_t *found;
    const char *why;
    db_rows_t rows;
    query_result_t result =
        schema_cache_query(schema, call, none, NULL, &found, &rows, &why);

    if (result == QUERY_OK)
        return;
    if (result == QUERY_UNAVAILABLE && file && !ap_strstr_c(why, "locked")) {
        result = QUERY_REFUSED;
        why = apr_psprintf(call->pool, "DBDParams: the SQLite file %s: %s",
                           file, why);
    }
    reporter->report(reporter,
                     result == QUERY_UNAVAILABLE ? OCSP_RESPONDER_WARNING
                                                 : OCSP_RESPONDER_ERROR,
                     OCSP_RESPONDER_AT_SOURCE, why);
}

void django_ca_check(const database_settings_t *settings,
                     schema_cache_t *schema, const ocsp_responder_call_t *call,
                     const ocsp_responder_reporter_t *reporter)
{
    const char *file = database_file(call->pool, settings);
    const char *why = file ? fault_of_file(call->pool, file) : NULL;

    if (why)
        reporter->report(reporter, OCSP_RESPONDER_ERROR,
                         OCSP_RESPONDER_AT_SOURCE, why);
    else
        check_tables(file, schema, call, reporter);
}
