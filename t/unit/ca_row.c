/* SPDX-License-Identifier: Apache-2.0
 * status_rows.h: whether a row with the CA's serial is the CA's, by the end of
 * its certificate, which old databases have in PEM. */
#include <apr_encode.h>
#include <apr_escape.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "ask.h"

/* As much as the query for a status has of the end. */
enum { DER_END = 32, PEM_END = 96 };

static apr_pool_t *pool;
static const schema_t *schema;

/* Something as long as a certificate, with another end for each difference. */
static bytes_t certificate(apr_size_t length, int difference)
{
    unsigned char *data = apr_palloc(pool, length);
    const bytes_t made = { data, length };
    apr_size_t i;

    for (i = 0; i < length; i++)
        data[i] = (unsigned char)(i * 7 + length);
    data[length - 9] ^= (unsigned char)difference;
    return made;
}

/* The last bytes of a text, or of a certificate, as the query tells them. */
static const char *end_of(const void *data, apr_size_t length, apr_size_t end)
{
    return apr_pescape_hex(pool, (const char *)data + length - end, end, 0);
}

static const char *end_in_pem(bytes_t der)
{
    const char *base64 = apr_pencode_base64_binary(
        pool, der.data, (apr_ssize_t)der.len, APR_ENCODE_NONE, NULL);
    const char *text = "";

    for (; strlen(base64) > 64; base64 += 64)
        text =
            apr_pstrcat(pool, text, apr_pstrndup(pool, base64, 64), "\n", NULL);
    text =
        apr_pstrcat(pool, text, base64, "\n-----END CERTIFICATE-----\n", NULL);
    return end_of(text, strlen(text), PEM_END);
}

static int is_found(bytes_t ca, const char *end)
{
    const row_t row = { .kind = "ca",
                        .id = "7",
                        .issuer = "7",
                        .serial = "00CA5E",
                        .end = end,
                        .revoked = "0" };
    const char *const *rows[] = { ask_row(pool, &row) };
    const db_rows_t list = { rows, 1, SCHEMA_STATUS_WIDTH };
    const status_rows_question_t question = { .schema = schema,
                                              .ca_serial = "CA5E",
                                              .serial = "ABCDE",
                                              .ca_certificate = ca };
    ocsp_responder_status_t status;
    const char *why;

    return status_rows_read(&status, pool, &question, list, &why)
        == OCSP_RESPONDER_LOOKUP_DONE;
}

int main(void)
{
    apr_size_t length;
    int der = 0, pem = 0, others = 0, count = 0;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    schema = ask_schema(pool, "sqlite3");
    /* The last line of PEM may be of any length. */
    for (length = 300; length < 400; length++, count++) {
        const bytes_t ca = certificate(length, 0);
        const bytes_t other = certificate(length, 1);

        der += is_found(ca, end_of(ca.data, ca.len, DER_END));
        pem += is_found(ca, end_in_pem(ca));
        others += is_found(ca, end_of(other.data, other.len, DER_END))
            + is_found(ca, end_in_pem(other));
    }
    ok(count > 0 && der == count, "the end of the CA's in DER");
    ok(count > 0 && pem == count, "the end of the CA's in PEM");
    ok(others == 0, "another's is not the CA's");
    apr_terminate();
    return done_testing();
}
