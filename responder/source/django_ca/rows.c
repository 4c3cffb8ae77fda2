/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/rows.h"

#include <string.h>
#include "apr_strings.h"
#include "apr_time.h"

#include "base/calendar.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "ocsp/serial.h"

static int rows_is(const char *value, const char *word)
{
    return value && strcmp(value, word) == 0;
}

static const char *rows_text_of(apr_pool_t *pool, const char *hex)
{
    bytes_t bytes = hex_bytes(pool, hex);

    return bytes.data ? bytes_text(pool, (const char *)bytes.data, bytes.len)
                      : "";
}

/* Ten years is what OCSPResponderExpires allows. */
static int rows_validity_of(const char *text)
{
    apr_int64_t seconds = text ? apr_atoi64(text) : 0;

    return seconds > 0 && seconds <= 10 * 365 * 24 * 3600 ? (int)seconds : 0;
}

/* Hex of a digest: the options may hold a private key, which nobody is to
 * keep. */
static const char *rows_revision_of(apr_pool_t *pool, const char *options)
{
    const bytes_t none = { NULL, 0 };
    const bytes_t digest =
        options ? sha256_of(pool, options, strlen(options)) : none;

    return digest.data ? serial_text(pool, digest.data, digest.len) : "";
}

ocsp_responder_ca_t rows_ca(apr_pool_t *pool, const char *const *row)
{
    const char *id = row[SCHEMA_AUTHORITIES_ID];
    const char *stored = row[SCHEMA_CERTIFICATE_SERIAL];
    ocsp_responder_ca_t ca = {
        .id = apr_pstrdup(pool, id ? id : ""),
        .name = rows_text_of(pool, row[SCHEMA_AUTHORITIES_NAME]),
        .cn = rows_text_of(pool, row[SCHEMA_AUTHORITIES_CN]),
        .stored = apr_pstrdup(pool, stored ? stored : ""),
        .certificate = hex_bytes(pool, row[SCHEMA_CERTIFICATE_PUB]),
        .validity = rows_validity_of(row[SCHEMA_AUTHORITIES_VALIDITY]),
        .key_revision =
            rows_revision_of(pool, row[SCHEMA_AUTHORITIES_REVISION]),
        /* generate_ocsp_keys leaves such CAs out. */
        .is_retired = rows_is(row[SCHEMA_AUTHORITIES_ENABLED], "0")
    };

    return ca;
}

rows_key_t rows_key(apr_pool_t *pool, const char *const *row)
{
    const char *options = row[SCHEMA_AUTHORITIES_OPTIONS];
    const char *stored = row[SCHEMA_CERTIFICATE_SERIAL];
    rows_key_t key = { .stored = stored ? stored : "",
                       .options_forbidden = rows_is(options, SCHEMA_FORBIDDEN),
                       .revision = rows_revision_of(
                           pool, row[SCHEMA_AUTHORITIES_REVISION]) };

    if (options && !key.options_forbidden)
        key.options = rows_text_of(pool, options);
    return key;
}

static int stored_as(apr_pool_t *pool, const char *stored, const char *serial)
{
    return stored && rows_is(serial_parse(pool, stored), serial);
}

/* 2: its certificate has the serial, 1: it is only stored as if, 0: neither. */
static int rank_of(apr_pool_t *pool, const char *const *row, bytes_t bytes,
                   const char *serial)
{
    const char *own = serial_of_certificate(pool, bytes);

    if (!own)
        return 0;
    return strcmp(own, serial) == 0
        ? 2
        : stored_as(pool, row[SCHEMA_CERTIFICATE_SERIAL], serial);
}

bytes_t rows_certificate(apr_pool_t *pool, db_rows_t rows, const char *serial,
                         const char **why)
{
    bytes_t found = { NULL, 0 };
    int best = 0, i;

    for (i = 0; i < rows.count; i++) {
        bytes_t bytes = hex_bytes(pool, rows.rows[i][SCHEMA_CERTIFICATE_PUB]);
        int rank = rank_of(pool, rows.rows[i], bytes, serial);

        if (rank > best) {
            best = rank;
            found = bytes;
        }
    }
    if (!best)
        *why = apr_psprintf(
            pool, "no certificate in the database has the serial %s", serial);
    return found;
}

ocsp_responder_stored_t rows_presigned(apr_pool_t *pool, const char *const *row,
                                       const zone_t *zone)
{
    const char *expires = row[SCHEMA_PRESIGNED_EXPIRES];
    ocsp_responder_stored_t stored = {
        .der = hex_bytes(pool, row[SCHEMA_PRESIGNED_RESPONSE])
    };
    apr_int64_t seconds;

    if (expires && calendar_read(expires, &seconds))
        stored.expires = apr_time_from_sec(zone_to_utc(zone, seconds));
    return stored;
}
