/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_sample.h"

#include <string.h>

#include "apr_strings.h"
#include "ocsp/serial.h"
#include "source/table/table_query.h"
#include "source/table/table_spelling.h"
#include "source/table/table_value.h"

/* So many certificates are decoded. */
#define CERTIFICATES 100

/* One row, as it is looked at. */
typedef struct {
    table_sample_t *sample;
    table_question_t question; /* about its own serial */
    apr_pool_t *pool;
    const char *const *row;
    apr_time_t now;
} looked_t;

static void table_sample_find(const looked_t *looked,
                              table_sample_fault_t fault, const char *text)
{
    table_sample_found_t *found = &looked->sample->found[fault];

    if (found->count++)
        return;
    found->text = text;
    found->serial = looked->question.serial;
}

/* -- its serial ------------------------------------------------------------ */

/* Bytes may have a zero before them, and their hex any case. */
static int is_spelling(const char *text, const char *asked, table_serial_t form)
{
    if (form != TABLE_SERIAL_BYTES)
        return strcmp(text, asked) == 0;
    if (strncmp(text, "00", 2) == 0 && strlen(text) > strlen(asked))
        text += 2;
    return strcasecmp(text, asked) == 0;
}

static void check_spelling(const looked_t *looked)
{
    const table_t *table = looked->question.table;
    const char *text, *asked;

    if (table->serial_form == TABLE_SERIAL_NUMERIC)
        return;
    text = table_value_text(looked->pool, &table->serial,
                            looked->row[TABLE_QUERY_SERIAL]);
    asked = table_spelling(looked->pool, looked->question.serial, table);
    if (!is_spelling(text, asked, table->serial_form))
        table_sample_find(
            looked, TABLE_SAMPLE_RESPELLED,
            apr_psprintf(looked->pool,
                         "%s has \"%.64s\" for a serial that is asked for as "
                         "\"%s\", and so is not found",
                         table->serial.sql, text, asked));
}

static void check_certificate(const looked_t *looked)
{
    const table_question_t *question = &looked->question;
    const table_t *table = question->table;
    const bytes_t certificate =
        table_question_certificate(question, looked->pool, looked->row);
    const char *serial =
        certificate.data && table_description_has_certificate(table)
        ? serial_of_certificate(looked->pool, certificate)
        : NULL;
    bytes_t own;

    if (!serial)
        return;
    own = table_value_serial(looked->pool, serial, TABLE_SERIAL_UPPER);
    if (!bytes_equal(own, question->serial))
        table_sample_find(
            looked, TABLE_SAMPLE_MISNUMBERED,
            apr_psprintf(looked->pool,
                         "%s has \"%.64s\", and the certificate in %s has the "
                         "serial %s: Serial may say another spelling than the "
                         "table has",
                         table->serial.sql, looked->row[TABLE_QUERY_SERIAL],
                         table->certificate.sql, serial));
    else if (table_ca_has_issued(question->ca, looked->pool, certificate, own)
             == 0)
        table_sample_find(
            looked, TABLE_SAMPLE_FOREIGN,
            apr_psprintf(looked->pool,
                         "the certificate in %s was not issued by the CA that "
                         "OCSPResponderCA names, whose answers are about it",
                         table->certificate.sql));
}

/* -- its status ------------------------------------------------------------ */

/* What is answered about it; 0 when it is another CA's. */
static int table_sample_check_status(const looked_t *looked)
{
    const db_rows_t one = { &looked->row, 1, TABLE_QUERY_WIDTH };
    const table_question_t *question = &looked->question;
    ocsp_responder_status_t status = { .cert_status = OCSP_RESPONDER_UNKNOWN };
    const char *why = NULL;

    if (table_row_status(question, looked->pool, &one, &status, &why)
        != OCSP_RESPONDER_LOOKUP_DONE) {
        table_sample_find(looked,
                          question->serial.data ? TABLE_SAMPLE_UNCLEAR
                                                : TABLE_SAMPLE_UNREAD,
                          why);
        return 1;
    }
    if (status.warning)
        table_sample_find(looked, TABLE_SAMPLE_ODD, status.warning);
    if (status.cert_status == OCSP_RESPONDER_REVOKED
        && status.revocation_time > looked->now)
        table_sample_find(
            looked, TABLE_SAMPLE_FUTURE,
            apr_psprintf(looked->pool,
                         "%s lies in the future; answers say that it is "
                         "revoked now: set OCSPResponderTimeZone where the "
                         "table has local times, or look at the clocks",
                         question->table->revoked_at.sql));
    return status.cert_status != OCSP_RESPONDER_UNKNOWN;
}

/* -------------------------------------------------------------------------- */

void table_sample_add(table_sample_t *sample, const table_question_t *question,
                      apr_pool_t *pool, const db_rows_t *rows, apr_time_t now)
{
    looked_t looked = {
        .sample = sample, .question = *question, .pool = pool, .now = now
    };
    int i;

    looked.question.wants_cert_hash = 0;
    for (i = 0; i < rows->count; i++) {
        looked.row = rows->rows[i];
        looked.question.serial =
            table_question_serial(question, pool, looked.row);
        if (!table_sample_check_status(&looked))
            continue;
        sample->rows++;
        if (!looked.question.serial.data)
            continue;
        check_spelling(&looked);
        if (i < CERTIFICATES)
            check_certificate(&looked);
    }
}
