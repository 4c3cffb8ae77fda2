/* SPDX-License-Identifier: Apache-2.0 */
#include "source/index/index_row.h"

#include <strings.h>
#include <string.h>

#include "base/asn1_time.h"
#include "base/hex.h"
#include "ocsp/crl_reason.h"

enum {
    FIELD_STATUS = 0,
    FIELD_EXPIRY,
    FIELD_REVOCATION,
    FIELD_SERIAL,
    FIELD_FILE,
    FIELD_SUBJECT,
    FIELDS
};

static const char *const faults[] = {
    [INDEX_ROW_FIELDS] = "it does not have six fields set apart by tabs",
    [INDEX_ROW_STATUS] = "field 1 (status) is none of V, R and E",
    [INDEX_ROW_EXPIRY] = "field 2 (expiry) is not a time",
    [INDEX_ROW_NOT_REVOKED] = "field 3 (revocation) is not empty, though "
                              "field 1 (status) is not R",
    [INDEX_ROW_REVOCATION] = "field 3 (revocation) does not begin with a time, "
                             "though field 1 (status) is R",
    [INDEX_ROW_SERIAL] = "field 4 (serial) is not a hexadecimal number",
    [INDEX_ROW_TWICE] = "field 4 (serial) is that of another row, too",
    [INDEX_ROW_ODD_REASON] = "field 3 (revocation) has a reason that is none "
                             "of RFC 5280's; it is left out",
    [INDEX_ROW_ODD_INVALIDITY] = "field 3 (revocation) has no time of "
                                 "compromise that can be read; it is left out",
    [INDEX_ROW_FINE] = "nothing is wrong",
};

const char *index_row_fault(index_row_fault_t fault)
{
    return faults[fault];
}

int index_row_is_safe(index_row_fault_t fault)
{
    return fault >= INDEX_ROW_ODD_REASON;
}

/* -- fields ---------------------------------------------------------------- */

typedef struct {
    const char *text;
    apr_size_t length;
} field_t;

/* Takes what stands before the next separator off *rest, or all. */
static field_t index_row_take(field_t *rest, char separator)
{
    const char *end =
        rest->length ? memchr(rest->text, separator, rest->length) : NULL;
    field_t taken = *rest;

    if (end)
        taken.length = (apr_size_t)(end - rest->text);
    rest->text += taken.length + (end != NULL);
    rest->length -= taken.length + (end != NULL);
    return taken;
}

/* Returns how many fields the line has; those beyond the sixth are not kept. */
static int index_row_split(field_t line, field_t fields[FIELDS])
{
    int count = 0, is_last;

    do {
        const field_t rest = line;
        const field_t field = index_row_take(&line, '\t');

        if (count < FIELDS)
            fields[count] = field;
        count++;
        is_last = field.length == rest.length;
    } while (!is_last);
    return count;
}

static int index_row_time_of(field_t field, apr_time_t *time)
{
    return asn1_time_read(field.text, field.length, time);
}

/* -- the serial ------------------------------------------------------------ */

/* Reads hex, of an odd number of digits too. data NULL when it is none. */
static bytes_t read_hex(field_t hex, unsigned char *room)
{
    bytes_t bytes = { NULL, (hex.length + 1) / 2 };
    const apr_size_t odd = hex.length % 2;
    apr_size_t i;

    memset(room, 0, bytes.len);
    for (i = 0; i < hex.length; i++) {
        const int nibble = hex_digit(hex.text[i]);

        if (nibble < 0)
            return bytes;
        room[(i + odd) / 2] =
            (unsigned char)(room[(i + odd) / 2] << 4 | nibble);
    }
    bytes.data = hex.length ? room : NULL;
    return bytes;
}

int index_row_has_serial(const char *line, apr_size_t length, bytes_t serial)
{
    field_t rest = { line, length }, hex = rest;
    apr_size_t i;
    int field;

    for (field = 0; field <= FIELD_SERIAL; field++)
        hex = index_row_take(&rest, '\t');
    for (; hex.length && *hex.text == '0'; hex.length--)
        hex.text++;
    if ((hex.length + 1) / 2 != serial.len)
        return 0;
    for (i = 0; i < serial.len; i++) {
        const char *low = hex.text + hex.length - 2 * (serial.len - i) + 1;
        const int high = low > hex.text ? hex_digit(low[-1]) : 0;

        if ((high << 4 | hex_digit(*low)) != serial.data[i])
            return 0;
    }
    return 1;
}

static void index_row_read_serial(index_row_t *row, field_t field,
                                  unsigned char *room)
{
    row->is_negative = field.length > 0 && *field.text == '-';
    field.text += row->is_negative;
    field.length -= (apr_size_t)row->is_negative;
    row->serial = read_hex(field, room);
    row->has_serial = row->serial.data != NULL;
    if (!row->has_serial && index_row_is_safe(row->fault))
        row->fault = INDEX_ROW_SERIAL;
    if (row->has_serial)
        row->serial = bytes_without_zeros(row->serial);
}

/* -- the revocation -------------------------------------------------------- */

/* OpenSSL's words for a reason with something behind it. */
static const struct {
    const char *word;
    int reason;
    int has_time; /* of compromise */
} more_words[] = {
    { "holdInstruction", CRL_REASON_CERTIFICATE_HOLD, 0 },
    { "keyTime", 1, 1 },
    { "CAkeyTime", 2, 1 },
};

static int is_word(field_t field, const char *word)
{
    return field.length == strlen(word)
        && strncasecmp(field.text, word, field.length) == 0;
}

/* -1 for a word that is none. */
static int reason_of(field_t field, int *has_time)
{
    apr_size_t i;

    *has_time = 0;
    for (i = 0; i < sizeof(more_words) / sizeof(*more_words); i++)
        if (is_word(field, more_words[i].word)) {
            *has_time = more_words[i].has_time;
            return more_words[i].reason;
        }
    return crl_reason_of(field.text, field.length);
}

/* Reads "time", "time,reason" or "time,reason,more". */
static index_row_fault_t read_revocation(ocsp_responder_status_t *status,
                                         field_t field)
{
    const field_t time = index_row_take(&field, ',');
    const field_t word = index_row_take(&field, ',');
    int has_time;
    const int reason = reason_of(word, &has_time);

    if (!index_row_time_of(time, &status->revocation_time))
        return INDEX_ROW_REVOCATION;
    if (reason < 0)
        return INDEX_ROW_ODD_REASON;
    status->reason = reason;
    if (!has_time)
        return INDEX_ROW_FINE;
    status->has_invalidity_date =
        index_row_time_of(field, &status->invalidity_date);
    return status->has_invalidity_date ? INDEX_ROW_FINE
                                       : INDEX_ROW_ODD_INVALIDITY;
}

/* -- the row --------------------------------------------------------------- */

static ocsp_responder_cert_status_t cert_status_of(field_t field)
{
    switch (field.length == 1 ? *field.text : '\0') {
    case 'V':
    case 'E':
        return OCSP_RESPONDER_GOOD;
    case 'R':
        return OCSP_RESPONDER_REVOKED;
    default:
        return OCSP_RESPONDER_UNKNOWN;
    }
}

static index_row_fault_t read_fields(index_row_t *row,
                                     const field_t fields[FIELDS])
{
    const field_t revocation = fields[FIELD_REVOCATION];
    apr_time_t expiry;

    row->status.cert_status = cert_status_of(fields[FIELD_STATUS]);
    if (row->status.cert_status == OCSP_RESPONDER_UNKNOWN)
        return INDEX_ROW_STATUS;
    if (!index_row_time_of(fields[FIELD_EXPIRY], &expiry))
        return INDEX_ROW_EXPIRY;
    if (row->status.cert_status == OCSP_RESPONDER_REVOKED)
        return read_revocation(&row->status, revocation);
    return revocation.length ? INDEX_ROW_NOT_REVOKED : INDEX_ROW_FINE;
}

void index_row_parse(index_row_t *row, const char *line, apr_size_t length,
                     unsigned char *room)
{
    const field_t text = { line, length };
    field_t fields[FIELDS] = { { NULL, 0 } };
    const int count = index_row_split(text, fields);

    memset(row, 0, sizeof(*row));
    row->fault = count == FIELDS ? read_fields(row, fields) : INDEX_ROW_FIELDS;
    /* Where the line ends in it, it may be the half of another. */
    if (count > FIELD_SERIAL + 1)
        index_row_read_serial(row, fields[FIELD_SERIAL], room);
    if (!index_row_is_safe(row->fault))
        memset(&row->status, 0, sizeof(row->status));
}
