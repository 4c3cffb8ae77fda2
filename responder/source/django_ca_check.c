/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca_check.h"

#include "apr_strings.h"

#include "base/calendar.h"
#include "db/query.h"
#include "source/sql_database.h"

/* What to do about a time that lies in the future. */
#define ZONE_MAY_BE_LOCAL \
    "set OCSPResponderTimeZone to the site's TIME_ZONE, or look at the clocks"
#define ZONE_IS_KNOWN \
    "look at the clocks, and at its row (PostgreSQL's times have a zone, so " \
    "OCSPResponderTimeZone does not count)"

#define TABLES TABLE_CERTIFICATES ", " TABLE_AUTHORITIES

/* What a request asks: so that columns of types that it cannot read are seen.
 */
static db_query_t status_of_one(apr_pool_t *pool, const schema_t *schema,
                                const void *serial)
{
    return schema_status_query(pool, schema, serial, serial, 1);
}

/* -- what times mean ------------------------------------------------------- */

/* Asks for one column, or a row that is not there; NULL if it was not found.
 * *result tells whether the question was understood. */
static const char *ask_for_text(const ocsp_responder_call_t *call,
                                const char *text, query_result_t *result)
{
    const db_query_t query = { .text = text, .columns = 1 };
    const char *why;
    db_rows_t rows;

    *result = query_run(call->server, call->pool, &query, call->deadline, &rows,
                        &why);
    return *result == QUERY_OK && rows.count > 0 ? rows.rows[0][0] : NULL;
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

/* zone is that of the literal; NULL where the engine's times have none. */
static void check_future_of(const char *table, const char *zone,
                            const ocsp_responder_call_t *call,
                            const ocsp_responder_reporter_t *reporter)
{
    const apr_int64_t soon = apr_time_sec(apr_time_now()) + 60;
    const char *text = apr_pstrcat(call->pool, "SELECT serial FROM ", table,
                                   " WHERE revoked AND revoked_date > '",
                                   calendar_text(call->pool, soon),
                                   zone ? zone : "", "' LIMIT 1", NULL);
    query_result_t result;
    const char *serial = ask_for_text(call, text, &result);

    if (serial)
        reporter->report(
            reporter, OCSP_RESPONDER_WARNING, OCSP_RESPONDER_AT_SOURCE,
            apr_psprintf(call->pool,
                         "certificate %s is revoked in the future; answers say "
                         "that it is revoked now: %s",
                         serial, zone ? ZONE_IS_KNOWN : ZONE_MAY_BE_LOCAL));
}

static void check_future(const char *zone, const ocsp_responder_call_t *call,
                         const ocsp_responder_reporter_t *reporter)
{
    check_future_of(TABLE_CERTIFICATES, zone, call, reporter);
    check_future_of(TABLE_AUTHORITIES, zone, call, reporter);
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
        check_future(has_instants ? "+00" : NULL, call, reporter);
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
