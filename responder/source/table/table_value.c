/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_value.h"

#include "apr_encode.h"
#include "apr_lib.h"
#include "apr_strings.h"
#include <openssl/bn.h>
#include <openssl/err.h>
#include "base/asn1_time.h"
#include "base/calendar.h"
#include "base/hex.h"
#include "ocsp/crl_reason.h"
#include "ocsp/serial.h"
#include "source/table/table_json.h"

static const bytes_t none = { NULL, 0 };

/* -- text ------------------------------------------------------------------ */

static const char *table_value_text_of(apr_pool_t *pool, const char *sent)
{
    bytes_t bytes;

    if (!sent || strncmp(sent, "\\x", 2) != 0)
        return sent;
    bytes = hex_bytes(pool, sent + 2);
    return bytes.data ? bytes_text(pool, (const char *)bytes.data, bytes.len)
                      : sent;
}

static int means_none(const table_column_t *column, const char *text)
{
    int i;

    for (i = 0; i < column->none->nelts; i++) {
        const char *value = APR_ARRAY_IDX(column->none, i, const char *);

        /* "0001-01-01" is meant with any time of day. */
        if (*value ? strncmp(text, value, strlen(value)) == 0
                    && !apr_isalnum(text[strlen(value)])
                   : !*text)
            return 1;
    }
    return 0;
}

const char *table_value_text(apr_pool_t *pool, const table_column_t *column,
                             const char *sent)
{
    const char *text = column->sql ? table_value_text_of(pool, sent) : NULL;

    if (text && column->json)
        text = table_json_member(pool, text, column->json);
    return text && !means_none(column, text) ? text : NULL;
}

/* -- times ----------------------------------------------------------------- */

#define ZONE_NAME \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"

/* The value of the two digits that text begins with; -1 if it does not. */
static int two_digits(const char *text)
{
    return apr_isdigit(text[0]) && apr_isdigit(text[1])
        ? (text[0] - '0') * 10 + text[1] - '0'
        : -1;
}

/* Whether a text is over, or has nothing more than " CEST" or the like, as Go
 * writes a zone's name behind its offset. */
static int is_end(const char *text)
{
    return !*text
        || (*text == ' ' && text[1 + strspn(text + 1, ZONE_NAME)] == '\0');
}

/* Reads "+02:00", "+0200", "+02", behind a blank or not, "Z", "UTC" or nothing.
 * Sets seconds east of UTC, less than a day, and whether there is any. 0 when
 * it is anything else. */
static int read_offset(const char *text, int *offset, int *is_there)
{
    int sign, hours, minutes;

    text += *text == ' ';
    sign = *text == '-' ? -1 : 1;
    *offset = 0;
    *is_there = *text != '\0';
    if (!*text || strcmp(text, "Z") == 0 || strcmp(text, "UTC") == 0)
        return 1;
    hours = *text == '+' || *text == '-' ? two_digits(text + 1) : -1;
    if (hours < 0 || hours > 23)
        return 0;
    text += 3;
    text += *text == ':';
    minutes = two_digits(text);
    if (minutes > 59)
        return 0;
    *offset = sign * (hours * 3600 + (minutes > 0 ? minutes * 60 : 0));
    return is_end(text + (minutes < 0 ? 0 : 2));
}

/* Reads ISO 8601 as SQL and JSON write it: the wall clock's seconds, and what
 * is said of its zone. */
static int read_iso(const char *text, apr_int64_t *seconds, int *offset,
                    int *has_offset)
{
    char clock[] = "YYYY-MM-DD HH:MM:SS";
    const apr_size_t length = sizeof(clock) - 1;
    const char *rest = text + length;

    if (strlen(text) < length || (text[10] != ' ' && text[10] != 'T'))
        return 0;
    memcpy(clock, text, length);
    clock[10] = ' ';
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    return calendar_read(clock, seconds)
        && read_offset(rest, offset, has_offset);
}

/* Reads a number, whose fraction is cut. */
static int table_value_read_number(const char *text, apr_int64_t *number)
{
    char *end;

    if (!apr_isdigit(*text) && (*text != '-' || !apr_isdigit(text[1])))
        return 0;
    errno = 0;
    *number = apr_strtoi64(text, &end, 10);
    if (*end == '.')
        end += 1 + strspn(end + 1, "0123456789");
    return !*end && !errno;
}

/* SQL's times come as text, or as seconds since 1970 in their own clock, in
 * *seconds, which is 0. */
static int read_sql(const char *text, const zone_t *zone, apr_int64_t *seconds)
{
    static const char zero[] = "0000-00-00"; /* MySQL's, with any time of day */
    int offset = 0, has_offset = 0;

    if (strncmp(text, zero, sizeof(zero) - 1) == 0)
        return 1;
    if (!table_value_read_number(text, seconds)
        && !read_iso(text, seconds, &offset, &has_offset))
        return 0;
    *seconds = has_offset ? *seconds - offset : zone_to_utc(zone, *seconds);
    return 1;
}

int table_value_time(const char *text, table_time_t form, const zone_t *zone,
                     apr_time_t *time)
{
    apr_int64_t seconds = 0;
    int read;

    switch (form) {
    case TABLE_TIME_SECONDS:
        read = table_value_read_number(text, &seconds);
        break;
    case TABLE_TIME_MILLISECONDS:
        read = table_value_read_number(text, &seconds);
        seconds /= 1000;
        break;
    case TABLE_TIME_TIMESTAMP:
        read = read_sql(text, NULL, &seconds);
        break;
    case TABLE_TIME_DATETIME:
        read = read_sql(text, zone, &seconds);
        break;
    default:
        return asn1_time_read(text, strlen(text), time);
    }
    if (!read || seconds < CALENDAR_FIRST || seconds > CALENDAR_LAST)
        return 0;
    *time = apr_time_from_sec(seconds);
    return 1;
}

/* -- reasons --------------------------------------------------------------- */

int table_value_reason(const char *text)
{
    int reason;

    if (!apr_isdigit(*text))
        return crl_reason_of(text, strlen(text));
    reason = strlen(text) <= 2 ? atoi(text) : -1;
    return text[strspn(text, "0123456789")] == '\0' && crl_reason_name(reason)
        ? reason
        : -1;
}

/* -- serials --------------------------------------------------------------- */

bytes_t table_value_serial(apr_pool_t *pool, const char *text,
                           table_serial_t form)
{
    const int is_decimal =
        form == TABLE_SERIAL_DECIMAL || form == TABLE_SERIAL_NUMERIC;
    const char *digits = is_decimal ? "0123456789" : "0123456789abcdefABCDEF";
    bytes_t serial = none;
    BIGNUM *number = NULL;
    unsigned char *room;

    if (!*text || text[strspn(text, digits)] || strlen(text) > 1000)
        return none;
    if (!(is_decimal ? BN_dec2bn(&number, text) : BN_hex2bn(&number, text))) {
        ERR_clear_error();
        return none;
    }
    room = apr_palloc(pool, (apr_size_t)BN_num_bytes(number) + 1);
    serial.len = (apr_size_t)BN_bn2bin(number, room);
    serial.data = room;
    BN_free(number);
    return serial;
}

bytes_t table_value_serial_in(apr_pool_t *pool, bytes_t certificate)
{
    const char *hex =
        certificate.data ? serial_of_certificate(pool, certificate) : NULL;

    return hex ? table_value_serial(pool, hex, TABLE_SERIAL_UPPER) : none;
}

/* -- certificates ---------------------------------------------------------- */

/* Base64 of one or many lines, with or without the lines around PEM. */
static bytes_t from_base64(apr_pool_t *pool, const char *text)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    const char *start = strstr(text, begin);
    char *base64 = apr_palloc(pool, strlen(text) + 1), *to = base64;
    bytes_t bytes = none;

    for (text = start ? start + strlen(begin) : text; *text; text++) {
        if (*text == '-')
            break;
        if (!apr_isspace(*text))
            *to++ = *text;
    }
    *to = '\0';
    bytes.data = apr_pdecode_base64_binary(pool, base64, APR_ENCODE_STRING,
                                           APR_ENCODE_NONE, &bytes.len);
    return bytes.data && bytes.len ? bytes : none;
}

bytes_t table_value_certificate(apr_pool_t *pool, const char *text,
                                table_certificate_t form)
{
    return form == TABLE_CERTIFICATE_DER || form == TABLE_CERTIFICATE_SHA256_HEX
        ? hex_bytes(pool, text)
        : from_base64(pool, text);
}
