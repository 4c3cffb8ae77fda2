/* SPDX-License-Identifier: Apache-2.0
 * status_rows_read(): good only where a row says so. The input is text: the
 * CA's serial, the serial asked for and "self" where the CA issued itself, in
 * one line; then a row a line, columns in the order of schema.h set apart by
 * '|',
 * "-" for NULL. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include "source/django_ca/status_rows.h"
#include "ocsp/serial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_ROWS 8

static void require(int holds)
{
    if (!holds)
        abort();
}

static int same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* -- the input ------------------------------------------------------------- */

typedef struct {
    const char *ca_serial, *serial;
    int self_issued;
    const char *const *rows[MAX_ROWS];
    int count;
} input_t;

static const char *const *read_row(apr_pool_t *pool, char *line)
{
    const char **row = apr_pcalloc(pool, SCHEMA_STATUS_WIDTH * sizeof(*row));
    int i;

    for (i = 0; i < SCHEMA_STATUS_WIDTH && line; i++) {
        char *end = strchr(line, '|');

        if (end)
            *end++ = '\0';
        row[i] = strcmp(line, "-") == 0 ? NULL : line;
        line = end;
    }
    if (!row[SCHEMA_STATUS_END])
        row[SCHEMA_STATUS_END] = "5E";
    return row;
}

/* 0 when the first line is not what it should be. */
static int read_input(input_t *input, apr_pool_t *pool, char *text)
{
    char *state, *word, *line, *rest = strchr(text, '\n');

    if (rest)
        *rest++ = '\0';
    word = apr_strtok(text, " ", &state);
    input->ca_serial = word ? serial_parse(pool, word) : NULL;
    word = word ? apr_strtok(NULL, " ", &state) : NULL;
    input->serial = word ? serial_parse(pool, word) : NULL;
    input->self_issued = word && same(apr_strtok(NULL, " ", &state), "self");
    while (rest && input->count < MAX_ROWS) {
        line = rest;
        rest = strchr(line, '\n');
        if (rest)
            *rest++ = '\0';
        if (*line)
            input->rows[input->count++] = read_row(pool, line);
    }
    return input->ca_serial && input->serial;
}

static const schema_t *make_schema(apr_pool_t *pool)
{
    static const char *const names[][2] = {
        { TABLE_CERTIFICATES, "serial" },
        { TABLE_CERTIFICATES, "pub" },
        { TABLE_CERTIFICATES, "ca_id" },
        { TABLE_CERTIFICATES, "created" },
        { TABLE_CERTIFICATES, "revoked" },
        { TABLE_CERTIFICATES, "revoked_date" },
        { TABLE_CERTIFICATES, "revoked_reason" },
        { TABLE_AUTHORITIES, "id" },
        { TABLE_AUTHORITIES, "serial" },
        { TABLE_AUTHORITIES, "pub" },
        { TABLE_AUTHORITIES, "parent_id" },
        { TABLE_AUTHORITIES, "name" },
        { TABLE_AUTHORITIES, "cn" },
        { TABLE_AUTHORITIES, "created" },
        { TABLE_AUTHORITIES, "revoked" },
        { TABLE_AUTHORITIES, "revoked_date" },
        { TABLE_AUTHORITIES, "revoked_reason" },
    };
    enum { COUNT = sizeof(names) / sizeof(*names) };
    const char *columns[COUNT][SCHEMA_COLUMNS_WIDTH] = { { NULL } };
    const char *const *rows[COUNT], *why;
    db_rows_t list = { rows, COUNT, SCHEMA_COLUMNS_WIDTH };
    int i;

    for (i = 0; i < COUNT; i++) {
        columns[i][0] = names[i][0];
        columns[i][1] = names[i][1];
        rows[i] = columns[i];
    }
    return schema_recognise(pool, dialect_find("sqlite3"), list, &why);
}

/* -- what must hold -------------------------------------------------------- */

static int nibble(char digit)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *at = digit ? strchr(digits, digit) : NULL;

    return at ? (int)(at - digits) % 16 : -1;
}

/* Bytes of a row's certificate, by other means than the code has. */
static int decode(unsigned char *bytes, const char *hex)
{
    int n = 0;

    for (; hex[0] && hex[1]; hex += 2)
        bytes[n++] = (unsigned char)(nibble(hex[0]) * 16 + nibble(hex[1]));
    return n;
}

/* Six bits at a time, where the code takes whole groups. */
static int decode_pem(unsigned char *bytes, int n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    unsigned int bits = 0;
    int count = 0, length = 0;
    const char *from;

    bytes[n] = '\0';
    from = strstr((char *)bytes, begin);
    for (from = from ? from + strlen(begin) : ""; *from; from++) {
        const char *digit = strchr(digits, *from);

        if (!digit)
            continue;
        bits = bits << 6 | (unsigned int)(digit - digits);
        count += 6;
        if (count >= 8)
            bytes[length++] = (unsigned char)(bits >> (count -= 8));
    }
    return length;
}

static int holds(const unsigned char *bytes, int n, const unsigned char *value,
                 size_t length)
{
    int i, found = 0;

    for (i = 0; i + (int)length <= n; i++)
        found |= memcmp(bytes + i, value, length) == 0;
    return found;
}

/* Whether the value stands somewhere in the row's certificate. */
static int holds_serial(const char *hex, const char *serial)
{
    size_t digits = strlen(serial), length = (digits + 1) / 2, i;
    unsigned char *bytes = malloc(hex ? strlen(hex) / 2 + 1 : 1);
    unsigned char *value = malloc(length);
    int n, found;

    if (!bytes || !value)
        abort();
    n = hex ? decode(bytes, hex) : 0;
    for (i = 0; i < length; i++) {
        size_t low = digits - 2 * (length - i) + 1;

        value[i] = (unsigned char)(nibble(serial[low])
                                   + (low ? nibble(serial[low - 1]) * 16 : 0));
    }
    found = holds(bytes, n, value, length)
        || holds(bytes, decode_pem(bytes, n), value, length);
    free(bytes);
    free(value);
    return found;
}

/* Whether some row of the kind the status is about says "revoked: value". */
static int is_said(const input_t *input, const char *value)
{
    int i, found = 0;

    for (i = 0; i < input->count; i++)
        found |= same(input->rows[i][SCHEMA_STATUS_REVOKED], value)
            && input->rows[i][SCHEMA_STATUS_ISSUER]
            && holds_serial(input->rows[i][SCHEMA_STATUS_CERTIFICATE],
                            input->serial);
    return found;
}

static int has_kind(const input_t *input, const char *kind)
{
    int i, found = 0;

    for (i = 0; i < input->count; i++)
        found |= same(input->rows[i][SCHEMA_STATUS_KIND], kind);
    return found;
}

static void check_done(const input_t *input,
                       const ocsp_responder_status_t *status)
{
    require(has_kind(input, SCHEMA_ROW_CA));
    require(!has_kind(input, SCHEMA_ROW_ADDED));
    switch (status->cert_status) {
    case OCSP_RESPONDER_GOOD:
        require(is_said(input, "0"));
        break;
    case OCSP_RESPONDER_REVOKED:
        require(is_said(input, "1"));
        require(status->reason >= 0 && status->reason <= 10
                && status->reason != 7);
        require(status->revocation_time % APR_USEC_PER_SEC == 0);
        require(status->invalidity_date % APR_USEC_PER_SEC == 0);
        break;
    default:
        require(status->cert_status == OCSP_RESPONDER_UNKNOWN);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *global;
    static const schema_t *schema;
    ocsp_responder_status_t status, untouched;
    status_rows_question_t question = { .schema = NULL };
    const char *why = NULL;
    input_t input = { 0 };
    db_rows_t rows = { NULL, 0, SCHEMA_STATUS_WIDTH };
    ocsp_responder_lookup_t result;
    apr_pool_t *pool;

    if (!global) {
        apr_initialize();
        apr_pool_create(&global, NULL);
        schema = make_schema(global);
        require(schema != NULL);
    }
    apr_pool_create(&pool, global);
    if (read_input(&input, pool,
                   apr_pstrmemdup(pool, (const char *)data, size))) {
        question.schema = schema;
        rows.rows = input.rows;
        rows.count = input.count;
        memset(&status, 0x5A, sizeof(status));
        untouched = status;
        question.ca_serial = input.ca_serial;
        question.serial = input.serial;
        question.ca_certificate = (bytes_t){ (const unsigned char *)".^", 2 };
        question.ca_self_issued = input.self_issued;
        result = status_rows_read(&status, pool, &question, rows, &why);
        require(ERR_peek_error() == 0);
        if (result == OCSP_RESPONDER_LOOKUP_DONE)
            check_done(&input, &status);
        else
            require(why && *why
                    && memcmp(&status, &untouched, sizeof(status)) == 0);
    }
    apr_pool_destroy(pool);
    return 0;
}
