/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_row.h"

#include "apr_strings.h"
#include "base/sha256.h"
#include "ocsp/crl_reason.h"
#include "ocsp/serial.h"
#include "source/table/table_query.h"
#include "source/table/table_value.h"

#define SHA256_LENGTH 32

/* The question, and what is known of the answer. */
typedef struct {
    const table_question_t *question;
    apr_pool_t *pool;
    const char *const *row;
    ocsp_responder_status_t status;
    const char *why;
} reader_t;

static const char *table_row_value_of(const reader_t *reader,
                                      const table_column_t *column, int at)
{
    return table_value_text(reader->pool, column, reader->row[at]);
}

static void table_row_warn(reader_t *reader, const table_column_t *column,
                           const char *text)
{
    reader->status.warning =
        apr_psprintf(reader->pool,
                     "%s has \"%.64s\", which cannot be read: it is left out",
                     column->sql, text);
}

/* -- revoked --------------------------------------------------------------- */

static void table_row_read_reason(reader_t *reader, const char *text)
{
    const table_column_t *column = &reader->question->table->reason;

    reader->status.reason = text ? table_value_reason(text) : 0;
    if (reader->status.reason >= 0)
        return;
    reader->status.reason = 0;
    table_row_warn(reader, column, text);
}

static void read_invalid_at(reader_t *reader)
{
    const table_t *table = reader->question->table;
    const char *text =
        table_row_value_of(reader, &table->invalid_at, TABLE_QUERY_INVALID_AT);

    if (!text)
        return;
    reader->status.has_invalidity_date =
        table_value_time(text, table->invalid_at_form, reader->question->zone,
                         &reader->status.invalidity_date);
    if (!reader->status.has_invalidity_date)
        table_row_warn(reader, &table->invalid_at, text);
}

static int table_row_read_revoked(reader_t *reader, const char *reason)
{
    const table_t *table = reader->question->table;
    const char *text =
        table_row_value_of(reader, &table->revoked_at, TABLE_QUERY_REVOKED_AT);

    if (!text
        || !table_value_time(text, table->revoked_at_form,
                             reader->question->zone,
                             &reader->status.revocation_time)) {
        reader->why = text
            ? apr_psprintf(reader->pool,
                           "it is revoked, and %s has \"%.64s\", which is not "
                           "a time that can be read",
                           table->revoked_at.sql, text)
            : apr_psprintf(reader->pool, "it is revoked, and %s has no time",
                           table->revoked_at.sql);
        return 0;
    }
    if (reader->status.revocation_time <= 0)
        reader->status.warning = apr_psprintf(
            reader->pool,
            "it is revoked, and %s has \"%.64s\", which is not after 1970",
            table->revoked_at.sql, text);
    table_row_read_reason(reader, reason);
    read_invalid_at(reader);
    reader->status.cert_status = OCSP_RESPONDER_REVOKED;
    return 1;
}

/* -- the status ------------------------------------------------------------ */

static int say_unclear(reader_t *reader, const char *text)
{
    const char *column = reader->question->table->status.sql;

    reader->why = text
        ? apr_psprintf(reader->pool,
                       "%s has \"%.64s\", of which Status does not say what it "
                       "means",
                       column, text)
        : apr_psprintf(reader->pool,
                       "%s is NULL, of which Status does not say what it means",
                       column);
    return 0;
}

/* Good is said of a row here and nowhere else. */
static int table_row_read_status(reader_t *reader)
{
    const table_t *table = reader->question->table;
    const char *text =
        table_row_value_of(reader, &table->status, TABLE_QUERY_STATUS);
    const char *reason =
        table_row_value_of(reader, &table->reason, TABLE_QUERY_REASON);

    switch (table_description_meaning(table, text)) {
    case TABLE_MEANS_BY_REASON:
        if (reason)
            return table_row_read_revoked(reader, reason);
        reader->status.cert_status = OCSP_RESPONDER_GOOD;
        return 1;
    case TABLE_MEANS_GOOD:
        reader->status.cert_status = OCSP_RESPONDER_GOOD;
        return 1;
    case TABLE_MEANS_REVOKED:
        return table_row_read_revoked(reader, reason);
    case TABLE_MEANS_UNKNOWN:
        return 1;
    default:
        return say_unclear(reader, text);
    }
}

/* -- the row --------------------------------------------------------------- */

/* Finds the one row that was asked for; *row stays NULL when there is none. */
static int table_row_find_row(reader_t *reader, const db_rows_t *rows,
                              const char *const **row)
{
    int i;

    for (i = 0; i < rows->count; i++) {
        const int found = table_question_is_about(
            reader->question, reader->pool, rows->rows[i], &reader->why);
        if (found < 0)
            return 0;
        if (found && *row) {
            reader->why = "more than one row has its serial";
            return 0;
        }
        if (found)
            *row = rows->rows[i];
    }
    reader->why = "so many rows have its serial that not all were looked at";
    return rows->count < TABLE_QUERY_ROWS;
}

/* -- the answer ------------------------------------------------------------ */

static bytes_t table_row_certificate(const reader_t *reader)
{
    return table_question_certificate(reader->question, reader->pool,
                                      reader->row);
}

static int is_its_own(const reader_t *reader, bytes_t certificate)
{
    const bytes_t its = table_value_serial_in(reader->pool, certificate);
    const bytes_t rows =
        table_question_serial(reader->question, reader->pool, reader->row);

    return its.data && bytes_equal(rows, its);
}

/* CertHash is left out where the certificate cannot be read, or is another. */
static int read_hash(reader_t *reader)
{
    bytes_t bytes = table_row_certificate(reader);

    if (bytes.data
        && table_description_has_certificate(reader->question->table)) {
        if (!is_its_own(reader, bytes))
            return 1;
        bytes = sha256_of(reader->pool, bytes.data, bytes.len);
        reader->why = "its certificate cannot be hashed";
        if (!bytes.data)
            return 0;
    }
    if (bytes.data && bytes.len == SHA256_LENGTH)
        reader->status.cert_hash = bytes;
    return 1;
}

static int read_row(reader_t *reader, const char *const *row)
{
    reader->row = row;
    if (!table_row_read_status(reader))
        return 0;
    return !reader->question->wants_cert_hash
        || reader->status.cert_status == OCSP_RESPONDER_UNKNOWN
        || read_hash(reader);
}

ocsp_responder_lookup_t table_row_status(
    const table_question_t *question, apr_pool_t *pool, const db_rows_t *rows,
    ocsp_responder_status_t *status, const char **why)
{
    reader_t reader = { .question = question, .pool = pool };
    const char *const *row = NULL;

    if (!table_row_find_row(&reader, rows, &row)
        || (row && !read_row(&reader, row))) {
        *why = reader.why;
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    if (!row && question->table->absent_is_good)
        reader.status.cert_status = OCSP_RESPONDER_GOOD;
    *status = reader.status;
    return OCSP_RESPONDER_LOOKUP_DONE;
}

/* -- what profiles object to ----------------------------------------------- */

static int is_objected_to(reader_t *reader, ocsp_responder_objection_t what)
{
    if (what == OCSP_RESPONDER_WITHOUT_HASH)
        return reader->status.cert_status != OCSP_RESPONDER_UNKNOWN
            && read_hash(reader) && !reader->status.cert_hash.data;
    if (reader->status.cert_status != OCSP_RESPONDER_REVOKED)
        return 0;
    return what == OCSP_RESPONDER_ON_HOLD
        ? reader->status.reason == CRL_REASON_CERTIFICATE_HOLD
        : reader->status.reason == 0
            && (!table_description_has_certificate(reader->question->table)
                || table_ca_is_ca(reader->pool, table_row_certificate(reader)));
}

const char *table_row_objection(const table_question_t *question,
                                apr_pool_t *pool, const db_rows_t *rows,
                                ocsp_responder_objection_t what)
{
    int i;

    for (i = 0; i < rows->count; i++) {
        table_question_t own = *question;
        reader_t reader = { .question = &own,
                            .pool = pool,
                            .row = rows->rows[i] };

        own.serial = table_question_serial(question, pool, rows->rows[i]);
        if (own.serial.data
            && table_question_is_about(&own, pool, reader.row, &reader.why) > 0
            && table_row_read_status(&reader) && is_objected_to(&reader, what))
            return serial_text(pool, own.serial.data, own.serial.len);
    }
    return NULL;
}
