/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/status_rows.h"

#include <string.h>
#include "apr_encode.h"
#include "apr_lib.h"
#include "apr_strings.h"
#include "apr_time.h"

#include "base/calendar.h"
#include "base/der_reader.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "ocsp/crl_reason.h"
#include "ocsp/serial.h"

static int is(const char *value, const char *word)
{
    return value && strcmp(value, word) == 0;
}

/* The question, and what is known of the answer. */
typedef struct {
    apr_pool_t *pool;
    const status_rows_question_t *question;
    db_rows_t rows;
    const zone_t *zone;
    const char *ca; /* the CA's id */
    int asks_own;   /* for the CA's own certificate, which says it issued it */
    ocsp_responder_status_t found;
    const char *why;
} reader_t;

/* The first oddity gives the line its id; those behind it bring their own. */
static void status_rows_warn(reader_t *reader, const char *id, const char *text)
{
    ocsp_responder_status_t *found = &reader->found;

    if (!found->warning_id)
        found->warning_id = id;
    found->warning = found->warning
        ? apr_pstrcat(reader->pool, found->warning, "; ", id, ": ", text, NULL)
        : text;
}

static int status_rows_time_of(const reader_t *reader, const char *text,
                               apr_time_t *time)
{
    apr_int64_t seconds;

    if (!text || !calendar_read(text, &seconds))
        return 0;
    *time = apr_time_from_sec(zone_to_utc(reader->zone, seconds));
    return 1;
}

static int revocation_time(reader_t *reader, const char *const *row,
                           apr_time_t *time)
{
    if (status_rows_time_of(reader, row[SCHEMA_STATUS_REVOKED_AT], time))
        return 1;
    if (!status_rows_time_of(reader, row[SCHEMA_STATUS_CREATED_AT], time)) {
        reader->why = "it is revoked, and has neither a revocation date nor a "
                      "creation date";
        return 0;
    }
    status_rows_warn(
        reader, "OCSP0301",
        "it is revoked without a date that can be read, so the row's "
        "creation counts");
    return 1;
}

static int status_rows_read_revoked(reader_t *reader, const char *const *row)
{
    ocsp_responder_status_t *status = &reader->found;
    const char *compromised = row[SCHEMA_STATUS_COMPROMISED_AT];

    if (!revocation_time(reader, row, &status->revocation_time))
        return 0;
    status->reason = crl_reason_of(
        row[SCHEMA_STATUS_REASON],
        row[SCHEMA_STATUS_REASON] ? strlen(row[SCHEMA_STATUS_REASON]) : 0);
    if (status->reason < 0) {
        status->reason = 0;
        status_rows_warn(
            reader, "OCSP0302",
            apr_psprintf(
                reader->pool,
                "its revocation reason \"%.64s\" is none that is known",
                row[SCHEMA_STATUS_REASON]));
    }
    if (status_rows_time_of(reader, compromised, &status->invalidity_date))
        status->has_invalidity_date = 1;
    else if (compromised && *compromised)
        status_rows_warn(reader, "OCSP0303",
                         "its compromise date cannot be read");
    status->cert_status = OCSP_RESPONDER_REVOKED;
    return 1;
}

/* Where the certificate is not all there, the answer does without. */
static int status_rows_add_cert_hash(reader_t *reader, const char *const *row)
{
    bytes_t der = serial_certificate_der(
        reader->pool, hex_bytes(reader->pool, row[SCHEMA_STATUS_CERTIFICATE]));
    der_element_t certificate;

    if (!der_take(&der, DER_SEQUENCE, &certificate))
        return 1;
    reader->found.cert_hash =
        sha256_of(reader->pool, certificate.whole.data, certificate.whole.len);
    reader->why = "its certificate cannot be hashed";
    return reader->found.cert_hash.data != NULL;
}

/* Good is said here and nowhere else. */
static int status_rows_take(reader_t *reader, const char *const *row)
{
    if (is(row[SCHEMA_STATUS_REVOKED], "1"))
        return status_rows_read_revoked(reader, row);
    if (is(row[SCHEMA_STATUS_REVOKED], "0")) {
        reader->found.cert_status = OCSP_RESPONDER_GOOD;
        return 1;
    }
    reader->why = "column revoked is neither 0 nor 1";
    return 0;
}

/* Which rows are looked at. */
typedef int (*filter_t)(const reader_t *reader, const char *const *row);

static int status_rows_is_ca(const reader_t *reader, const char *const *row)
{
    (void)reader;
    return is(row[SCHEMA_STATUS_KIND], SCHEMA_ROW_CA);
}

/* Whether the CA issued the row's certificate. Its own it issued only if it
 * has none above it and the certificate says so, too. */
static int is_of_ca(const reader_t *reader, const char *const *row)
{
    if (!is(row[SCHEMA_STATUS_ISSUER], reader->ca))
        return 0;
    return is(row[SCHEMA_STATUS_KIND], SCHEMA_ROW_LEAF)
        || (status_rows_is_ca(reader, row)
            && (!is(row[SCHEMA_STATUS_ID], reader->ca) || reader->asks_own));
}

static int is_of_another(const reader_t *reader, const char *const *row)
{
    return !is(row[SCHEMA_STATUS_ISSUER], reader->ca);
}

/* Finds the one row whose certificate has the serial; *row stays NULL when
 * there is none. The spelling it was found by may be its neighbour's. */
static int status_rows_find_row(reader_t *reader, filter_t filter,
                                const char *serial, const char *const **row)
{
    int i;

    for (i = 0; i < reader->rows.count; i++) {
        const char *const *next = reader->rows.rows[i];
        const char *found;

        if (!filter(reader, next))
            continue;
        found = serial_of_certificate(
            reader->pool,
            hex_bytes(reader->pool, next[SCHEMA_STATUS_CERTIFICATE]));
        if (!found) {
            reader->why = "a row has no certificate that can be read";
            return 0;
        }
        if (strcmp(found, serial) != 0)
            continue;
        if (*row) {
            reader->why = apr_psprintf(
                reader->pool, "more than one row has the serial %s", serial);
            return 0;
        }
        *row = next;
    }
    return 1;
}

/* What PEM has of the end of a certificate: the base64 before its last line. */
static bytes_t status_rows_base64_of(apr_pool_t *pool, bytes_t pem)
{
    char *text = apr_palloc(pool, pem.len + 1);
    bytes_t base64 = { (const unsigned char *)text, 0 };
    apr_size_t i;

    for (i = 0; i < pem.len && pem.data[i] != '-'; i++)
        if (!apr_isspace(pem.data[i]))
            text[base64.len++] = (char)pem.data[i];
    return base64;
}

/* Whether a row with the CA's serial is the CA's: another's may be the same,
 * but none has the same signature. */
static int status_rows_is_that_ca(const reader_t *reader,
                                  const char *const *row)
{
    const bytes_t der = reader->question->ca_certificate;
    const bytes_t end = hex_bytes(reader->pool, row[SCHEMA_STATUS_END]);
    bytes_t base64 = { NULL, 0 };
    apr_size_t from;

    if (bytes_ends_in(der, end))
        return 1;
    /* Three bytes are four characters, so more than the end is encoded. */
    from = der.len > end.len ? (der.len - end.len) / 3 * 3 : 0;
    base64.data = (const unsigned char *)apr_pencode_base64_binary(
        reader->pool, der.data + from, (apr_ssize_t)(der.len - from),
        APR_ENCODE_NONE, &base64.len);
    return base64.data
        && bytes_ends_in(base64, status_rows_base64_of(reader->pool, end));
}

/* The row with the CA's serial; NULL with *why. */
static const char *const *status_rows_ca_row(reader_t *reader)
{
    const char *const *ca = NULL;

    if (!status_rows_find_row(reader, status_rows_is_ca,
                              reader->question->ca_serial, &ca))
        return NULL;
    reader->why = "its CA is not in the database";
    return ca && ca[SCHEMA_STATUS_ID] ? ca : NULL;
}

static int status_rows_answer(reader_t *reader)
{
    const status_rows_question_t *question = reader->question;
    const char *const *ca, *const *row = NULL;

    reader->why = "the tables have changed";
    if (schema_has_changed(reader->rows) || !(ca = status_rows_ca_row(reader)))
        return 0;
    reader->why = "the database has another CA with the CA's serial";
    if (!status_rows_is_that_ca(reader, ca))
        return 0;
    reader->ca = ca[SCHEMA_STATUS_ID];
    reader->asks_own =
        question->ca_self_issued && is(question->serial, question->ca_serial);
    if (!status_rows_find_row(reader, is_of_ca, question->serial, &row))
        return 0;
    if (!row) {
        status_rows_find_row(reader, is_of_another, question->serial, &row);
        reader->found.other_ca = row ? row[SCHEMA_STATUS_ISSUER] : NULL;
        return 1;
    }
    return status_rows_take(reader, row)
        && (!question->wants_cert_hash
            || status_rows_add_cert_hash(reader, row));
}

const char *status_rows_other_ca(
    apr_pool_t *pool, const status_rows_question_t *question, db_rows_t rows)
{
    reader_t reader = { .pool = pool, .question = question, .rows = rows };
    const char *const *ca = status_rows_ca_row(&reader);

    return ca && !status_rows_is_that_ca(&reader, ca) ? ca[SCHEMA_STATUS_ID]
                                                      : NULL;
}

ocsp_responder_lookup_t status_rows_read(ocsp_responder_status_t *status,
                                         apr_pool_t *pool,
                                         const status_rows_question_t *question,
                                         db_rows_t rows, const char **why)
{
    reader_t reader = { .pool = pool,
                        .question = question,
                        .rows = rows,
                        .zone = schema_zone(question->schema, question->zone) };

    if (status_rows_answer(&reader)) {
        *status = reader.found;
        return OCSP_RESPONDER_LOOKUP_DONE;
    }
    *why = apr_psprintf(pool, "certificate %s of CA %s: %s", question->serial,
                        question->ca_serial, reader.why);
    return OCSP_RESPONDER_LOOKUP_FAILED;
}
