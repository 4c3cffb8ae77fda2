/* SPDX-License-Identifier: Apache-2.0
 * table_row_status(): good only where exactly one row has the serial, and its
 * status says so, or none has it and Absent says so. The input is text: which
 * description, a serial in hex, then a row a line, columns in the order of
 * table_query.h set apart by '|', "-" for NULL. */
/* What is left out is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include "source/table/table_query.h"
#include "source/table/table_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_ROWS     8
#define DESCRIPTIONS 8

static void require(int holds)
{
    if (!holds)
        abort();
}

/* What each calls good, revoked, and either by its reason. */
static const char *const descriptions[DESCRIPTIONS][18] = {
    { "From", "t", "Serial", "s hex", "Status",
      "v V=good R=revoked A=by-reason N=never-issued", "RevokedAt",
      "at seconds none=0", NULL },
    { "From", "t", "Serial", "s decimal", "Status", "v V=good R=revoked",
      "RevokedAt", "at timestamp json=At none=0001-01-01", NULL },
    { "From", "t", "Serial", "s HEX even", "Status", "v NULL=good *=revoked",
      "RevokedAt", "at asn1", NULL },
    { "From", "t", "Serial", "s numeric", "Status", "v V=good R=revoked",
      "RevokedAt", "at milliseconds none=-1", "InvalidAt", "i datetime",
      "Certificate", "c sha256-base64", "Absent", "good", NULL },
    { "From", "t", "Serial", "s bytes", "Status", "v V=good R=revoked",
      "RevokedAt", "at datetime", "CA", "certificate", "Certificate", "c der",
      NULL },
    { "From", "t", "Serial", "s hex width=36", "Status", "v V=good R=revoked",
      "RevokedAt", "at milliseconds", "InvalidAt", "i milliseconds",
      "Certificate", "c sha256-hex", NULL },
    { "From", "t", "Serial", "s HEX", "Status", "v V=good R=revoked",
      "RevokedAt", "at seconds", "CA", "certificate", "Certificate", "c base64",
      NULL },
    { "From", "t", "Serial", "s numeric", "Status", "v V=good R=revoked",
      "RevokedAt", "at seconds", "Certificate", "c base64", NULL },
};

/* Where they differ. */
enum { NUMERIC_ABSENT_GOOD = 3, BY_DER = 4, BY_BASE64 = 6, NUMERIC_BASE64 = 7 };

/* The CA whose rows BY_DER and BY_BASE64 have. */
static const char ca_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB1TCCAXqgAwIBAgIULtXTdR/+OJKNYeegoHf6Vu2O/MowCgYIKoZIzj0EAwQw\n"
    "NTELMAkGA1UEBhMCQVQxEDAOBgNVBAoMB0V4YW1wbGUxFDASBgNVBAMMC0VDIFAt\n"
    "MjU2IENBMCAXDTIwMDEwMTAwMDAwMFoYDzIwOTUwMTAxMDAwMDAwWjA1MQswCQYD\n"
    "VQQGEwJBVDEQMA4GA1UECgwHRXhhbXBsZTEUMBIGA1UEAwwLRUMgUC0yNTYgQ0Ew\n"
    "WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATYGlPXyLNSgApyxY7tR8WWtIGO1nCd\n"
    "HSNviDx35KI/JtdZNeBBpJIKS/8V5JhsTbXSLnzr73qkntBZwRpCd1U1o2YwZDAO\n"
    "BgNVHQ8BAf8EBAMCAQYwEgYDVR0TAQH/BAgwBgEB/wIBADAdBgNVHQ4EFgQU8q/e\n"
    "i/Pm0onh7ql+N6cnPnu4lGMwHwYDVR0jBBgwFoAU8q/ei/Pm0onh7ql+N6cnPnu4\n"
    "lGMwCgYIKoZIzj0EAwQDSQAwRgIhALU3sk3xXKY5h7a1w04gPxTeV9chbEvbN8Jv\n"
    "TXLj+g8MAiEA3MF8MZAvzg3bnQMt/6XdsKbagDTfCB0DyPDwlsculKI=\n"
    "-----END CERTIFICATE-----\n";
static const table_ca_facts_t *ca;

static const table_t *describe(apr_pool_t *pool, int number)
{
    const char *const *lines = descriptions[number];
    table_t *table = table_description_create(pool, "fuzz");

    require(!table_description_set(table, pool, "CA", "any"));
    require(!table_description_set(table, pool, "Reason", "r none=-1"));
    require(!table_description_set(table, pool, "InvalidAt",
                                   "i timestamp none="));
    require(!table_description_set(table, pool, "Certificate", "c pem"));
    for (; *lines; lines += 2)
        require(!table_description_set(table, pool, lines[0], lines[1]));
    require(!table_description_fault(table));
    return table;
}

static const char *const *read_row(apr_pool_t *pool, char *line)
{
    const char **row = apr_pcalloc(pool, TABLE_QUERY_WIDTH * sizeof(*row));
    int i;

    for (i = 0; i < TABLE_QUERY_WIDTH && line; i++) {
        char *end = strchr(line, '|');

        if (end)
            *end++ = '\0';
        row[i] = strcmp(line, "-") == 0 ? NULL : line;
        line = end;
    }
    return row;
}

/* A certificate out of hex or base64 of one line, by libcrypto alone; NULL when
 * it is none. */
static X509 *read_certificate(const char *text, int is_hex)
{
    long length = 0;
    unsigned char *der = NULL;
    const unsigned char *at;
    X509 *certificate;

    if (text && is_hex)
        der = OPENSSL_hexstr2buf(text, &length);
    else if (text && (der = OPENSSL_malloc(strlen(text) + 3)) != NULL)
        length = EVP_DecodeBlock(der, (const unsigned char *)text,
                                 (int)strlen(text));
    at = der;
    certificate = der && length > 0 ? d2i_X509(NULL, &at, length) : NULL;
    OPENSSL_free(der);
    ERR_clear_error();
    return certificate;
}

static int is_decimal(int number)
{
    return number == 1 || number == NUMERIC_ABSENT_GOOD
        || number == NUMERIC_BASE64;
}

/* A row's serial, by libcrypto alone; NULL when it is none. Where it is rounded
 * it is its certificate's. */
static BIGNUM *own_serial(const char *const *row, int number)
{
    const char *text = row[TABLE_QUERY_SERIAL];
    const char *digits =
        is_decimal(number) ? "0123456789" : "0123456789abcdefABCDEF";
    BIGNUM *own = NULL;
    X509 *certificate;

    if (text && *text && !text[strspn(text, digits)]) {
        if (!(is_decimal(number) ? BN_dec2bn(&own, text)
                                 : BN_hex2bn(&own, text)))
            own = NULL;
        return own;
    }
    certificate = text && number == NUMERIC_BASE64
        ? read_certificate(row[TABLE_QUERY_CERTIFICATE], 0)
        : NULL;
    if (certificate)
        own = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    X509_free(certificate);
    return own;
}

/* -1: perhaps, as the code reads certificates that libcrypto does not. */
static int has_serial(const char *const *row, int number, bytes_t serial)
{
    BIGNUM *asked = BN_bin2bn(serial.data, (int)serial.len, NULL);
    BIGNUM *own = own_serial(row, number);
    const int has = own            ? BN_ucmp(own, asked) == 0
        : number == NUMERIC_BASE64 ? -1
                                   : 0;

    BN_free(own);
    BN_free(asked);
    return has;
}

static int is_said(const char *value, int number, const char *word)
{
    if (number == 2)
        return *word == 'V' ? !value : value != NULL;
    return value
        && (strcmp(value, word) == 0
            || (number == 0 && strcmp(value, "A") == 0));
}

/* Whether a certificate has the CA's name as its issuer; what cannot be read
 * may have. */
static int is_named(X509 *certificate)
{
    const unsigned char *name = ca->subject.data;
    X509_NAME *own = d2i_X509_NAME(NULL, &name, (long)ca->subject.len);
    int is = !certificate
        || X509_NAME_cmp(own, X509_get_issuer_name(certificate)) == 0;

    X509_NAME_free(own);
    X509_free(certificate);
    return is;
}

static int is_by_certificate(int number)
{
    return number == BY_DER || number == BY_BASE64;
}

/* Text that PostgreSQL sends as bytes is read by nobody but the code. */
static int is_plain(const db_rows_t *rows)
{
    int i, j;

    for (i = 0; i < rows->count; i++) {
        for (j = 0; j < rows->columns; j++) {
            if (rows->rows[i][j] && rows->rows[i][j][0] == '\\')
                return 0;
        }
    }
    return 1;
}

static void check(const db_rows_t *rows, int number, bytes_t serial,
                  const ocsp_responder_status_t *status)
{
    int i, all = 0, good = 0, revoked = 0, unsure = 0;

    for (i = 0; i < rows->count; i++) {
        const char *value = rows->rows[i][TABLE_QUERY_STATUS];
        const int has = has_serial(rows->rows[i], number, serial);

        if (!has
            || (is_by_certificate(number)
                && !is_named(read_certificate(
                    rows->rows[i][TABLE_QUERY_CERTIFICATE], number == BY_DER))))
            continue;
        all++;
        unsure |= has < 0;
        good += is_said(value, number, "V");
        revoked += is_said(value, number, "R");
    }
    /* Of one name, another key's certificate is another CA's. */
    if (unsure || (is_by_certificate(number) && all > 1)) {
        all = 1;
        good = good > 0;
        revoked = revoked > 0;
    }
    if (status->cert_status == OCSP_RESPONDER_GOOD)
        require((all == 1 && good == 1)
                || (all == 0 && number == NUMERIC_ABSENT_GOOD));
    else if (status->cert_status == OCSP_RESPONDER_REVOKED)
        require(all == 1 && revoked == 1 && status->reason >= 0
                && status->reason <= 10 && status->reason != 7
                && status->revocation_time % APR_USEC_PER_SEC == 0);
    else
        require(all <= 1 && number != NUMERIC_ABSENT_GOOD);
}

/* A row that a profile objects to is answered so, when it is alone. */
static void check_objections(apr_pool_t *pool, table_question_t question,
                             const db_rows_t *rows,
                             ocsp_responder_objection_t what, int reason)
{
    unsigned char room[512];
    int i;

    for (i = 0; i < rows->count; i++) {
        const db_rows_t one = { rows->rows + i, 1, rows->columns };
        ocsp_responder_status_t status = { OCSP_RESPONDER_UNKNOWN };
        const char *why,
            *serial = table_row_objection(&question, pool, &one, what);
        BIGNUM *number = NULL;

        if (!serial)
            continue;
        require(BN_hex2bn(&number, serial) && BN_num_bytes(number) <= 512);
        question.serial.data = room;
        question.serial.len = (apr_size_t)BN_bn2bin(number, room);
        BN_free(number);
        require(table_row_status(&question, pool, &one, &status, &why)
                == OCSP_RESPONDER_LOOKUP_DONE);
        if (what == OCSP_RESPONDER_WITHOUT_HASH)
            require(status.cert_status != OCSP_RESPONDER_UNKNOWN
                    && !status.cert_hash.data);
        else
            require(status.cert_status == OCSP_RESPONDER_REVOKED
                    && status.reason == reason);
    }
}

static void try_input(apr_pool_t *pool, char *text)
{
    const char *const *list[MAX_ROWS];
    db_rows_t rows = { list, 0, TABLE_QUERY_WIDTH };
    const int number = (*text & 0xFF) % DESCRIPTIONS;
    table_question_t question = { .table = describe(pool, number),
                                  .ca = ca,
                                  .wants_cert_hash = 1 };
    unsigned char room[64];
    ocsp_responder_status_t status;
    const char *why = NULL;
    char *line = strchr(text, '\n');
    BIGNUM *asked = NULL;

    if (!line || line - text > 100)
        return;
    *line++ = '\0';
    if (!*text || !BN_hex2bn(&asked, text + 1) || BN_is_negative(asked)) {
        BN_free(asked);
        ERR_clear_error();
        return;
    }
    question.serial.data = room;
    question.serial.len = (apr_size_t)BN_bn2bin(asked, room);
    BN_free(asked);
    while (line && rows.count < MAX_ROWS) {
        char *end = strchr(line, '\n');

        if (end)
            *end++ = '\0';
        if (*line)
            list[rows.count++] = read_row(pool, line);
        line = end;
    }
    memset(&status, 0, sizeof(status));
    if (table_row_status(&question, pool, &rows, &status, &why)
        != OCSP_RESPONDER_LOOKUP_DONE)
        require(why && *why);
    require(ERR_peek_error() == 0
            && (!status.cert_hash.data || status.cert_hash.len == 32));
    if (!why && is_plain(&rows))
        check(&rows, number, question.serial, &status);
    check_objections(pool, question, &rows, OCSP_RESPONDER_ON_HOLD, 6);
    check_objections(pool, question, &rows, OCSP_RESPONDER_CA_WITHOUT_REASON,
                     0);
    check_objections(pool, question, &rows, OCSP_RESPONDER_WITHOUT_HASH, 0);
}

static bytes_t keep(apr_pool_t *pool, bytes_t bytes)
{
    const bytes_t kept = bytes_copy(pool, bytes.data, bytes.len);

    return kept;
}

/* The certificate that it is read from goes with its pool: a sanitizer does not
 * see what the pool of a program that ends still holds. */
static const table_ca_facts_t *read_ca(apr_pool_t *pool)
{
    const bytes_t pem = { (const unsigned char *)ca_pem, sizeof(ca_pem) - 1 };
    table_ca_facts_t *facts = apr_palloc(pool, sizeof(*facts));
    const table_ca_facts_t *read;
    apr_pool_t *scratch;
    const char *why;

    apr_pool_create(&scratch, pool);
    read = table_ca_read(scratch, pem, &why);
    require(read != NULL);
    facts->subject = keep(pool, read->subject);
    facts->key_id = keep(pool, read->key_id);
    facts->sha1 = keep(pool, read->sha1);
    facts->der = keep(pool, read->der);
    apr_pool_destroy(scratch);
    return facts;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *global;
    apr_pool_t *pool;

    if (!global) {
        apr_initialize();
        apr_pool_create(&global, NULL);
        ca = read_ca(global);
    }
    if (size == 0 || size > 10000)
        return 0;
    apr_pool_create(&pool, global);
    try_input(pool, apr_pstrmemdup(pool, (const char *)data, size));
    require(ERR_peek_error() == 0);
    apr_pool_destroy(pool);
    return 0;
}
