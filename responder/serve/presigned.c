/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/presigned.h"

#include "apr_escape.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "base/calendar.h"
#include "ocsp/certificate.h"
#include "httpd/config.h"
#include "db/query.h"
#include "source/django_ca/schema.h"
#include "ocsp/serial.h"
#include "serve/schema_cache.h"

/* -- out of the database --------------------------------------------------- */

static const char *presigned_sql(apr_pool_t *pool, const schema_t *schema,
                                 const void *serial)
{
    const char *sql = schema_presigned_sql(pool, schema, serial);

    /* Tables without such answers have none to list. */
    return sql ? sql
               : "SELECT NULL, NULL FROM " TABLE_AUTHORITIES " WHERE 1 = 0";
}

/* The answers that may be meant. */
static int select_rows(request_rec *r, const request_t *request,
                       const schema_t **schema, db_rows_t *rows,
                       const char **why)
{
    const request_certid_t *certid = &request->certids[0];
    const char *hex =
        apr_pescape_hex(r->pool, certid->serial.data, certid->serial.len, 0);
    const char *serial = serial_parse(r->pool, hex ? hex : "0");

    return serial && !certid->serial_negative
        && schema_cache_select(r->server, r->pool, presigned_sql, serial,
                               SCHEMA_PRESIGNED_WIDTH, query_deadline(r),
                               schema, rows, why)
        == QUERY_OK;
}

/* -- what an answer says --------------------------------------------------- */

/* The question, and the answer that is looked at. */
typedef struct {
    apr_pool_t *pool;
    const request_t *request;
    const issuer_t *issuer;
    const ocsp_responder_status_t *status;
    const zone_t *zone;
    apr_time_t now;
    OCSP_BASICRESP *basic;
    OCSP_SINGLERESP *single;
    response_cache_answer_t *answer;
} reader_t;

/* In microseconds; 0: it cannot be read. */
static apr_time_t instant(const ASN1_TIME *time)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    int read = epoch && time && ASN1_TIME_diff(&days, &seconds, epoch, time);

    ASN1_TIME_free(epoch);
    return read ? apr_time_from_sec((apr_int64_t)days * 86400 + seconds) : 0;
}

static const char *check_certid(reader_t *reader)
{
    const bytes_t asked = reader->request->certids[0].der;
    unsigned char *der = NULL;
    int length, same;

    if (OCSP_resp_count(reader->basic) != 1)
        return "it is not about one certificate";
    reader->single = OCSP_resp_get0(reader->basic, 0);
    length = i2d_OCSP_CERTID(OCSP_SINGLERESP_get0_id(reader->single), &der);
    same = length > 0 && (apr_size_t)length == asked.len
        && memcmp(der, asked.data, asked.len) == 0;
    OPENSSL_free(der);
    return same ? NULL : "it is about another CertID";
}

static const char *check_status(reader_t *reader)
{
    const ocsp_responder_status_t *status = reader->status;
    ASN1_GENERALIZEDTIME *revoked_at = NULL, *this_update, *next_update;
    int reason = 0;
    int says = OCSP_single_get0_status(reader->single, &reason, &revoked_at,
                                       &this_update, &next_update);

    reader->answer->this_update = instant(this_update);
    reader->answer->next_update = instant(next_update);
    if (says == V_OCSP_CERTSTATUS_GOOD
        && status->cert_status == OCSP_RESPONDER_GOOD)
        return NULL;
    if (says == V_OCSP_CERTSTATUS_REVOKED
        && status->cert_status == OCSP_RESPONDER_REVOKED
        && instant(revoked_at) == status->revocation_time
        /* -1: absent, which means unspecified */
        && (reason < 0 ? 0 : reason) == status->reason)
        return NULL;
    return "it does not say what the certificate's row says";
}

static const char *check_times(reader_t *reader, const char *expires)
{
    response_cache_answer_t *answer = reader->answer;
    apr_int64_t seconds;
    apr_time_t end;

    if (!expires || !calendar_read(expires, &seconds))
        return "it has no ocsp_response_expires";
    end = apr_time_from_sec(zone_to_utc(reader->zone, seconds));
    if (!answer->next_update || end < answer->next_update)
        answer->next_update = end;
    if (!answer->this_update || reader->now < answer->this_update)
        return "it is not yet valid";
    return reader->now < answer->next_update ? NULL : "it has expired";
}

/* Whoever the CA has let sign; it need not be the responder of today. */
static const char *check_signer(const reader_t *reader, X509 *signer)
{
    signer_t candidate = { .certificate = signer };
    const char *why = NULL;
    int delegated;

    if (!certificate_validity(&candidate.not_before, &candidate.not_after,
                              signer)
        || reader->now < candidate.not_before
        || reader->now > candidate.not_after)
        return "its signer's certificate is not valid now";
    return signer_may_sign_for(&candidate, reader->issuer, &delegated,
                               reader->pool, &why)
            == SIGNER_OK
        ? NULL
        : apr_pstrcat(reader->pool, "its signer: ", why, NULL);
}

static const char *check_signature(const reader_t *reader)
{
    STACK_OF(X509) *known = sk_X509_new_null();
    const char *why = "its signature is not right";
    X509 *signer = NULL;

    if (known && sk_X509_push(known, reader->issuer->certificate)
        && OCSP_resp_get0_signer(reader->basic, &signer, known)
        && OCSP_basic_verify(reader->basic, known, NULL, OCSP_NOVERIFY) > 0)
        why = check_signer(reader, signer);
    sk_X509_free(known);
    return why;
}

static apr_status_t free_response(void *response)
{
    OCSP_RESPONSE_free(response);
    return APR_SUCCESS;
}

static apr_status_t free_basic(void *basic)
{
    OCSP_BASICRESP_free(basic);
    return APR_SUCCESS;
}

static const char *parse(reader_t *reader, const char *hex)
{
    const unsigned char *octets;
    OCSP_RESPONSE *response;

    octets = hex
        ? apr_punescape_hex(reader->pool, hex, 0, &reader->answer->der.len)
        : NULL;
    reader->answer->der.data = octets;
    response = octets
        ? d2i_OCSP_RESPONSE(NULL, &octets, (long)reader->answer->der.len)
        : NULL;
    if (!response)
        return "it is no OCSP response";
    apr_pool_cleanup_register(reader->pool, response, free_response,
                              apr_pool_cleanup_null);
    if (octets != reader->answer->der.data + reader->answer->der.len)
        return "something follows it";
    reader->basic = OCSP_response_get1_basic(response);
    if (!reader->basic
        || OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return "it is not a successful OCSP response";
    apr_pool_cleanup_register(reader->pool, reader->basic, free_basic,
                              apr_pool_cleanup_null);
    return NULL;
}

/* What is wrong with an answer; NULL: nothing. */
static const char *check(reader_t *reader, const char *const *row)
{
    const char *why = parse(reader, row[SCHEMA_PRESIGNED_RESPONSE]);

    if (!why)
        why = check_certid(reader);
    if (!why)
        why = check_status(reader);
    if (!why)
        why = check_times(reader, row[SCHEMA_PRESIGNED_EXPIRES]);
    if (!why)
        why = check_signature(reader);
    ERR_clear_error();
    return why;
}

int presigned_find(request_rec *r, const request_t *request,
                   const issuer_t *issuer,
                   const ocsp_responder_status_t *status, apr_time_t now,
                   response_cache_answer_t *answer, const char **why)
{
    reader_t reader = { .pool = r->pool,
                        .request = request,
                        .issuer = issuer,
                        .status = status,
                        .now = now,
                        .answer = answer };
    const schema_t *schema;
    db_rows_t rows;
    int i;

    *why = "there is no presigned answer";
    if (!select_rows(r, request, &schema, &rows, why))
        return 0;
    reader.zone = schema_zone(schema, config_of_request(r)->time_zone);
    for (i = 0; i < rows.count; i++) {
        const char *fault = check(&reader, rows.rows[i]);

        if (!fault)
            return 1;
        *why = apr_pstrcat(
            r->pool, "the presigned answer cannot be sent: ", fault, NULL);
    }
    return 0;
}
