/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca_check.h"

#include "apr_strings.h"

#include "base/calendar.h"
#include "db/query.h"
#include "source/sql_database.h"

#define TABLES TABLE_CERTIFICATES ", " TABLE_AUTHORITIES

/* What a request asks: so that columns of types that it cannot read are seen.
 */
static db_query_t status_of_one(apr_pool_t *pool, const schema_t *schema,
                                const void *serial)
{
    return schema_status_query(pool, schema, serial, serial, 1);
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
    const apr_int64_t soon = apr_time_sec(apr_time_now()) + 60;
    query_result_t result;

    if (ask_for_text(call,
                     apr_pstrcat(call->pool,
                                 "SELECT serial FROM " TABLE_CERTIFICATES
                                 " WHERE revoked AND revoked_date > '",
                                 calendar_text(call->pool, soon), zone,
                                 "' LIMIT 1", NULL),
                     &result))
        reporter->report(
            reporter, OCSP_RESPONDER_WARNING, OCSP_RESPONDER_AT_SOURCE,
            "a certificate is revoked in the future; answers say that it is "
            "revoked now: set OCSPResponderTimeZone to the site's TIME_ZONE, "
            "or look at the clocks");
}

/* Where a zone is set it is known what local times mean. */
static void django_ca_check_times(const database_settings_t *settings,
                                  const char *zone,
                                  const ocsp_responder_call_t *call,
                                  const ocsp_responder_reporter_t *reporter)
{
    int has_instants = dialect_find(settings->driver)->has_instants;

    if (!has_instants && !zone)
        check_age(call, reporter);
    if (has_instants || !zone)
        check_future(has_instants ? "+00" : "", call, reporter);
}

/* -- all of it ------------------------------------------------------------- */

static void django_ca_check_tables(const database_settings_t *settings,
                                   const char *zone, schema_cache_t *schema,
                                   const ocsp_responder_call_t *call,
                                   const ocsp_responder_reporter_t *reporter)
{
    schema_cache_found_t found;
    const char *why;
    query_result_t result =
        schema_cache_query(schema, call, status_of_one, "1", &found, &why);

    if (result != QUERY_OK) {
        sql_database_report(settings, TABLES, result, why, call, reporter);
        return;
    }
    sql_database_check_sessions(call, reporter);
    django_ca_check_times(settings, zone, call, reporter);
}

void django_ca_check(const database_settings_t *settings, const char *zone,
                     schema_cache_t *schema, const ocsp_responder_call_t *call,
                     const ocsp_responder_reporter_t *reporter)
{
    if (sql_database_check_file(settings, TABLE_CERTIFICATES, call, reporter))
        django_ca_check_tables(settings, zone, schema, call, reporter);
}
