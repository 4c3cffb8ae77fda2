/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/presigned.h"

#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "ocsp/certificate.h"

/* -- what an answer says --------------------------------------------------- */

/* The question, and the answer that is looked at. */
typedef struct {
    apr_pool_t *pool;
    const request_t *request;
    const issuer_t *issuer;
    const ocsp_responder_status_t *status;
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

static const char *check_times(reader_t *reader, apr_time_t expires)
{
    response_cache_answer_t *answer = reader->answer;

    if (!expires)
        return "it is not known when it expires";
    if (!answer->next_update || expires < answer->next_update)
        answer->next_update = expires;
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

static const char *parse(reader_t *reader, bytes_t der)
{
    const unsigned char *at = der.data;
    OCSP_RESPONSE *response =
        at ? d2i_OCSP_RESPONSE(NULL, &at, (long)der.len) : NULL;

    reader->answer->der = der;
    if (!response)
        return "it is no OCSP response";
    apr_pool_cleanup_register(reader->pool, response, free_response,
                              apr_pool_cleanup_null);
    if (at != der.data + der.len)
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
static const char *check(reader_t *reader,
                         const ocsp_responder_stored_t *stored)
{
    const char *why = parse(reader, stored->der);

    if (!why)
        why = check_certid(reader);
    if (!why)
        why = check_status(reader);
    if (!why)
        why = check_times(reader, stored->expires);
    if (!why)
        why = check_signature(reader);
    ERR_clear_error();
    return why;
}

/* -- out of the source ----------------------------------------------------- */

/* How many there are that may be meant. */
static int ask(const exchange_t *exchange,
               const ocsp_responder_stored_t **stored, const char **why)
{
    const registry_source_t *source = exchange->source;
    const request_certid_t *certid = &exchange->request->certids[0];
    ocsp_responder_query_t query = authority_query(exchange->authority, certid);
    int count = 0;

    if (!source->source->stored_response || certid->serial_negative
        || source->source->stored_response(source->instance, &exchange->call,
                                           &query, stored, &count, why)
            != OCSP_RESPONDER_LOOKUP_DONE)
        return 0;
    return count;
}

int presigned_find(const exchange_t *exchange, response_cache_answer_t *answer,
                   const char **why)
{
    apr_pool_t *pool = exchange->r->pool;
    reader_t reader = { .pool = pool,
                        .request = exchange->request,
                        .issuer = exchange->authority->issuer,
                        .status = &exchange->statuses[0],
                        .now = exchange->now,
                        .answer = answer };
    const ocsp_responder_stored_t *stored = NULL;
    int count, i;

    *why = "there is no presigned answer";
    count = ask(exchange, &stored, why);
    for (i = 0; i < count; i++) {
        const char *fault = check(&reader, &stored[i]);

        if (!fault)
            return 1;
        *why = apr_pstrcat(pool, "the presigned answer cannot be sent: ", fault,
                           NULL);
    }
    return 0;
}
