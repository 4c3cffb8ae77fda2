/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table_check.h"

#include "apr_strings.h"
#include "httpd.h"

#include "db/query.h"
#include "ocsp/serial.h"
#include "source/sql_database.h"
#include "source/table/table_query.h"
#include "source/table/table_sample.h"

/* What is checked, and who is told. */
typedef struct {
    const table_check_t *check;
    const ocsp_responder_call_t *call;
    const ocsp_responder_reporter_t *reporter;
} checking_t;

static const table_t *table_check_table_of(const checking_t *checking)
{
    return checking->check->question.table;
}

static query_result_t table_check_ask(const checking_t *checking,
                                      const db_query_t *query, db_rows_t *rows,
                                      const char **why)
{
    return query_run(checking->check->server, checking->call->pool, query,
                     checking->call->deadline, rows, why);
}

static void table_check_tell(const checking_t *checking,
                             ocsp_responder_severity_t severity,
                             const char *text)
{
    checking->reporter->report(
        checking->reporter, severity, OCSP_RESPONDER_AT_SOURCE,
        apr_pstrcat(checking->call->pool, "OCSPResponderSource sql: table ",
                    table_check_table_of(checking)->name, ": ", text, NULL));
}

/* A column or table that is not there is the description's fault. */
static void tell_failure(const checking_t *checking, query_result_t result,
                         const char *why)
{
    if (result == QUERY_REFUSED)
        table_check_tell(checking, OCSP_RESPONDER_ERROR, why);
    else
        sql_database_report(checking->check->database,
                            table_check_table_of(checking)->from, result, why,
                            checking->call, checking->reporter);
}

static query_result_t ask_for(const checking_t *checking, bytes_t serial,
                              db_rows_t *rows, const char **why)
{
    const table_question_t *question = &checking->check->question;
    const db_query_t query =
        table_query_make(checking->call->pool, question->table,
                         checking->check->database->driver, serial,
                         question->ca_value, 1);

    return table_check_ask(checking, &query, rows, why);
}

/* -- what is in the rows --------------------------------------------------- */

/* What the database finds all the same was not misspelt. */
static void forget_what_is_found(const checking_t *checking,
                                 table_sample_found_t *found)
{
    const char *why;
    db_rows_t rows;

    if (found->count
        && (ask_for(checking, found->serial, &rows, &why) != QUERY_OK
            || rows.count > 0))
        found->count = 0;
}

/* What every row has is the description's fault; what some have is theirs. What
 * is not found must not be good. */
static ocsp_responder_severity_t severity_of(const checking_t *checking,
                                             const table_sample_t *sample,
                                             table_sample_fault_t fault)
{
    const int is_lost =
        fault == TABLE_SAMPLE_UNREAD || fault == TABLE_SAMPLE_RESPELLED;

    if ((is_lost && table_check_table_of(checking)->absent_is_good)
        || (fault <= TABLE_SAMPLE_MISNUMBERED
            && sample->found[fault].count == sample->rows))
        return OCSP_RESPONDER_ERROR;
    return OCSP_RESPONDER_WARNING;
}

static void tell_found(const checking_t *checking, const table_sample_t *sample)
{
    apr_pool_t *pool = checking->call->pool;
    int i;

    for (i = 0; i < TABLE_SAMPLE_FAULTS; i++) {
        const table_sample_found_t *found = &sample->found[i];
        const char *text = found->text;

        if (!found->count)
            continue;
        if (found->serial.data)
            text = apr_pstrcat(pool, "certificate ",
                               serial_text(pool, found->serial.data,
                                           found->serial.len),
                               ": ", text, NULL);
        table_check_tell(
            checking, severity_of(checking, sample, (table_sample_fault_t)i),
            apr_psprintf(pool, "%s (so in %d of the %d rows looked at)", text,
                         found->count, sample->rows));
    }
}

/* Where no row is about the CA: a new CA has none, and so has one that the
 * description calls otherwise than the table does. */
static void check_empty(const checking_t *checking)
{
    const char *why;
    table_t all = *table_check_table_of(checking);
    db_query_t any;
    db_rows_t rows = { 0 };

    if (all.absent_is_good) {
        table_check_tell(
            checking, OCSP_RESPONDER_WARNING,
            "no row is about this CA, and Absent says good: as long as that "
            "is so, all of its certificates are good");
        return;
    }
    all.ca_form = TABLE_CA_ANY;
    any = table_query_sample(checking->call->pool, &all,
                             checking->check->database->driver, NULL);
    if (table_check_ask(checking, &any, &rows, &why) == QUERY_OK
        && rows.count > 0)
        table_check_tell(
            checking, OCSP_RESPONDER_WARNING,
            "there are rows, and none is about this CA, so all of its "
            "certificates are answered as never issued; unless the CA is new, "
            "see that CA, or the word behind the name, says how the table "
            "calls it");
}

/* Rows that cannot be had in time are not missed: look-ups are judged when they
 * are made. */
static void check_rows(const checking_t *checking)
{
    const table_question_t *question = &checking->check->question;
    const char *driver = checking->check->database->driver, *why;
    apr_pool_t *pool = checking->call->pool;
    const apr_time_t soon = apr_time_now() + apr_time_from_sec(60);
    const db_query_t any =
        table_query_sample(pool, question->table, driver, question->ca_value);
    const db_query_t later =
        table_query_later(pool, question->table, driver, question->ca_value,
                          soon - apr_time_from_sec(86400));
    table_sample_t sample = { 0 }, future = { 0 };
    db_rows_t rows;

    if (table_check_ask(checking, &any, &rows, &why) != QUERY_OK)
        return;
    table_sample_add(&sample, question, pool, &rows, soon);
    if (rows.count == 0)
        check_empty(checking);
    forget_what_is_found(checking, &sample.found[TABLE_SAMPLE_RESPELLED]);
    if (!table_check_table_of(checking)->revoked_at.json
        && table_check_ask(checking, &later, &rows, &why) == QUERY_OK)
        table_sample_add(&future, question, pool, &rows, soon);
    if (!sample.found[TABLE_SAMPLE_FUTURE].count)
        sample.found[TABLE_SAMPLE_FUTURE] = future.found[TABLE_SAMPLE_FUTURE];
    tell_found(checking, &sample);
}

/* -------------------------------------------------------------------------- */

void table_check(const table_check_t *check, const ocsp_responder_call_t *call,
                 const ocsp_responder_reporter_t *reporter)
{
    const checking_t checking = { check, call, reporter };
    const bytes_t one = { (const unsigned char *)"\x01", 1 };
    const char *why;
    db_rows_t rows;
    const query_result_t result = ask_for(&checking, one, &rows, &why);

    if (result != QUERY_OK) {
        tell_failure(&checking, result, why);
        return;
    }
    sql_database_check_sessions(call, reporter);
    check_rows(&checking);
}
