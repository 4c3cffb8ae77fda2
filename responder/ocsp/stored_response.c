/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/stored_response.h"

#include <limits.h>
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include "ocsp/certificate.h"
#include "ocsp/owned.h"
#include "ocsp/signer.h"

/* The question, and the answer that is looked at. */
typedef struct {
    apr_pool_t *pool;
    const stored_response_wanted_t *wanted;
    OCSP_BASICRESP *basic;
    response_times_t *times;
} reader_t;

static const char *parse(reader_t *reader, bytes_t der)
{
    const unsigned char *at = der.data;
    OCSP_RESPONSE *response = at && der.len <= INT_MAX
        ? d2i_OCSP_RESPONSE(NULL, &at, (long)der.len)
        : NULL;

    if (!owned_response(reader->pool, response))
        return "it is no OCSP response";
    if (at != der.data + der.len)
        return "something follows it";
    reader->basic =
        owned_basic(reader->pool, OCSP_response_get1_basic(response));
    if (!reader->basic
        || OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return "it is not a successful OCSP response";
    return NULL;
}

static const char *check_certid(const reader_t *reader)
{
    const bytes_t asked = reader->wanted->certid->der;
    unsigned char *der = NULL;
    int length, same;

    if (OCSP_resp_count(reader->basic) != 1)
        return "it is not about one certificate";
    length = i2d_OCSP_CERTID(
        OCSP_SINGLERESP_get0_id(OCSP_resp_get0(reader->basic, 0)), &der);
    same = length > 0 && bytes_are(asked, der, (apr_size_t)length);
    OPENSSL_free(der);
    return same ? NULL : "it is about another CertID";
}

/* 0 if it cannot be read. */
static apr_time_t instant(const ASN1_GENERALIZEDTIME *time)
{
    apr_time_t result;

    return time && certificate_time(&result, time) ? result : 0;
}

static const char *check_status(const reader_t *reader)
{
    const ocsp_responder_status_t *status = reader->wanted->status;
    ASN1_GENERALIZEDTIME *revoked_at = NULL, *this_update, *next_update;
    int reason = 0;
    int says =
        OCSP_single_get0_status(OCSP_resp_get0(reader->basic, 0), &reason,
                                &revoked_at, &this_update, &next_update);

    reader->times->produced_at =
        instant(OCSP_resp_get0_produced_at(reader->basic));
    reader->times->this_update = instant(this_update);
    reader->times->next_update = instant(next_update);
    if (says == V_OCSP_CERTSTATUS_GOOD
        && status->cert_status == OCSP_RESPONDER_GOOD)
        return NULL;
    if (says == V_OCSP_CERTSTATUS_REVOKED
        && status->cert_status == OCSP_RESPONDER_REVOKED
        && instant(revoked_at) == status->revocation_time
        && status->revocation_time <= reader->times->produced_at
        /* -1: absent, which means unspecified */
        && (reason < 0 ? 0 : reason) == status->reason)
        return NULL;
    return "it does not say what the certificate's row says";
}

static const char *check_times(const reader_t *reader, apr_time_t expires)
{
    response_times_t *times = reader->times;

    if (!expires)
        return "it is not known when it expires";
    if (!times->next_update || expires < times->next_update)
        times->next_update = expires;
    if (!times->produced_at || !times->this_update
        || reader->wanted->now < times->this_update)
        return "it is not yet valid";
    return reader->wanted->now < times->next_update ? NULL : "it has expired";
}

/* Whoever the CA has let sign; it need not be the responder of today. */
static const char *check_signer(const reader_t *reader, X509 *certificate)
{
    signer_t candidate = { .certificate = certificate };
    const char *why = NULL;
    int delegated;

    if (!certificate_validity(&candidate.not_before, &candidate.not_after,
                              certificate)
        || reader->wanted->now < candidate.not_before
        || reader->wanted->now > candidate.not_after)
        return "its signer's certificate is not valid now";
    return signer_may_sign_for(&candidate, reader->wanted->issuer, &delegated,
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

    if (known && sk_X509_push(known, reader->wanted->issuer->certificate)
        && OCSP_resp_get0_signer(reader->basic, &signer, known)
        && OCSP_basic_verify(reader->basic, known, NULL, OCSP_NOVERIFY) > 0)
        why = check_signer(reader, signer);
    sk_X509_free(known);
    return why;
}

const char *stored_response_check(response_times_t *times, apr_pool_t *pool,
                                  const ocsp_responder_stored_t *stored,
                                  const stored_response_wanted_t *wanted)
{
    reader_t reader = { .pool = pool, .wanted = wanted, .times = times };
    const char *why = parse(&reader, stored->der);

    if (!why)
        why = check_certid(&reader);
    if (!why)
        why = check_status(&reader);
    if (!why)
        why = check_times(&reader, stored->expires);
    if (!why)
        why = check_signature(&reader);
    ERR_clear_error();
    return why;
}
