/* SPDX-License-Identifier: Apache-2.0
 * Statuses to a signed OCSP response (RFC 6960 §4.2). */
#include "response.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>
#include "why.h"

bytes_t response_error(response_error_t error)
{
    static const unsigned char octets[][5] = {
        [RESPONSE_MALFORMED_REQUEST] = {0x30, 3, 0x0A, 1, 1},
        [RESPONSE_INTERNAL_ERROR] = {0x30, 3, 0x0A, 1, 2},
        [RESPONSE_TRY_LATER] = {0x30, 3, 0x0A, 1, 3},
        [RESPONSE_UNAUTHORIZED] = {0x30, 3, 0x0A, 1, 6},
    };
    bytes_t bytes = {octets[error], sizeof(octets[error])};

    return bytes;
}

apr_time_t response_next_update(const authority_issuer_t *issuer,
                                const authority_signer_t *signer,
                                apr_time_t now, apr_int64_t validity)
{
    apr_time_t this_update = now - apr_time_usec(now);
    apr_time_t limit = signer->not_after;

    if (this_update < signer->not_before || this_update >= limit)
        return 0;
    if (issuer->not_after > this_update && issuer->not_after < limit)
        limit = issuer->not_after;
    /* Compared before it is added, so that nothing can overflow. */
    if (validity >= apr_time_sec(limit - this_update))
        return limit;
    return this_update + apr_time_from_sec(validity);
}

/* -- pieces ---------------------------------------------------------------- */

/* The days are split off so that a 32-bit time_t does not matter. */
static ASN1_GENERALIZEDTIME *set_time(ASN1_GENERALIZEDTIME *into,
                                      apr_time_t time)
{
    apr_int64_t seconds = apr_time_sec(time), rest = seconds % 86400;

    if (rest < 0)
        rest += 86400;
    return ASN1_GENERALIZEDTIME_adj(into, 0, (int)((seconds - rest) / 86400),
                                    (long)rest);
}

static int add_time(OCSP_SINGLERESP *single, int nid, apr_time_t time)
{
    ASN1_GENERALIZEDTIME *value = set_time(NULL, time);
    int rv = value && OCSP_SINGLERESP_add1_ext_i2d(single, nid, value, 0, 0);

    ASN1_GENERALIZEDTIME_free(value);
    return rv;
}

/* -- extensions of one status ---------------------------------------------- */

static int add_invalidity_date(OCSP_SINGLERESP *single,
                               const ocsp_responder_status_t *status,
                               const response_terms_t *terms)
{
    (void)terms;
    if (status->cert_status != OCSP_RESPONDER_REVOKED
        || !status->has_invalidity_date)
        return 1;
    return add_time(single, NID_invalidity_date, status->invalidity_date);
}

static int add_archive_cutoff(OCSP_SINGLERESP *single,
                              const ocsp_responder_status_t *status,
                              const response_terms_t *terms)
{
    (void)status;
    if (!terms->archive_cutoff)
        return 1;
    return add_time(single, NID_id_pkix_OCSP_archiveCutoff,
                    terms->issuer->not_before);
}

static int (*const single_extensions[])(OCSP_SINGLERESP *,
                                        const ocsp_responder_status_t *,
                                        const response_terms_t *) = {
    add_invalidity_date,
    add_archive_cutoff,
};

/* -- extensions of the whole answer ---------------------------------------- */

typedef struct {
    const request_t *request;
    const ocsp_responder_status_t *statuses;
    const response_terms_t *terms;
} answer_t;

static int add_nonce(OCSP_BASICRESP *basic, const answer_t *answer)
{
    bytes_t nonce = answer->terms->nonce;

    if (!nonce.data)
        return 1;
    return OCSP_basic_add1_nonce(basic, (unsigned char *)nonce.data,
                                 (int)nonce.len);
}

static int has_unknown(const answer_t *answer)
{
    int i;

    for (i = 0; i < answer->request->certid_count; i++)
        if (answer->statuses[i].cert_status == OCSP_RESPONDER_UNKNOWN)
            return 1;
    return 0;
}

/* RFC 6960 §4.4.8; OpenSSL still calls the OID by a name from before. */
static int add_extended_revoke(OCSP_BASICRESP *basic, const answer_t *answer)
{
    static const unsigned char der_null[] = {0x05, 0x00};
    ASN1_OCTET_STRING *value;
    X509_EXTENSION *extension = NULL;
    int rv;

    if (!answer->terms->extended_revoke || !has_unknown(answer))
        return 1;
    value = ASN1_OCTET_STRING_new();
    rv = value && ASN1_OCTET_STRING_set(value, der_null, sizeof(der_null))
         && X509_EXTENSION_create_by_NID(&extension, NID_id_pkix_OCSP_valid, 0,
                                         value)
         && OCSP_BASICRESP_add_ext(basic, extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    return rv;
}

static int (*const response_extensions[])(OCSP_BASICRESP *,
                                          const answer_t *) = {
    add_nonce,
    add_extended_revoke,
};

/* -- statuses -------------------------------------------------------------- */

/* What a serial that no CA issued is revoked with (RFC 6960 §2.2). */
static const ocsp_responder_status_t never_issued = {
    .cert_status = OCSP_RESPONDER_REVOKED,
    .revocation_time = 0,
    .reason = OCSP_REVOKED_STATUS_CERTIFICATEHOLD,
};

/* OpenSSL's number for a status; -1: not a status at all. */
static int openssl_status(ocsp_responder_cert_status_t status)
{
    static const int numbers[] = {
        [OCSP_RESPONDER_UNKNOWN] = V_OCSP_CERTSTATUS_UNKNOWN,
        [OCSP_RESPONDER_GOOD] = V_OCSP_CERTSTATUS_GOOD,
        [OCSP_RESPONDER_REVOKED] = V_OCSP_CERTSTATUS_REVOKED,
    };
    size_t i = (size_t)status;

    return i < sizeof(numbers) / sizeof(*numbers) ? numbers[i] : -1;
}

/* What goes into the answer; 0 (unspecified) is left out, and so is what
 * RFC 5280 §5.3.1 has no name for. */
static int openssl_reason(int reason)
{
    static const char named[] = {
        [OCSP_REVOKED_STATUS_KEYCOMPROMISE] = 1,
        [OCSP_REVOKED_STATUS_CACOMPROMISE] = 1,
        [OCSP_REVOKED_STATUS_AFFILIATIONCHANGED] = 1,
        [OCSP_REVOKED_STATUS_SUPERSEDED] = 1,
        [OCSP_REVOKED_STATUS_CESSATIONOFOPERATION] = 1,
        [OCSP_REVOKED_STATUS_CERTIFICATEHOLD] = 1,
        [OCSP_REVOKED_STATUS_REMOVEFROMCRL] = 1,
        [OCSP_REVOKED_STATUS_PRIVILEGEWITHDRAWN] = 1,
        [OCSP_REVOKED_STATUS_AACOMPROMISE] = 1,
    };
    size_t i = (size_t)reason;

    return i < sizeof(named) && named[i] ? reason
                                         : OCSP_REVOKED_STATUS_NOSTATUS;
}

/* The times that all statuses of an answer share. */
typedef struct {
    ASN1_TIME *this_update;
    ASN1_TIME *next_update;
} span_t;

static OCSP_SINGLERESP *add_status(OCSP_BASICRESP *basic, OCSP_CERTID *id,
                                   const ocsp_responder_status_t *status,
                                   const span_t *span)
{
    int number = openssl_status(status->cert_status);
    ASN1_TIME *revoked = NULL;
    OCSP_SINGLERESP *single = NULL;

    if (number < 0)
        return NULL;
    if (number == V_OCSP_CERTSTATUS_REVOKED)
        revoked = set_time(NULL, status->revocation_time);
    if (revoked || number != V_OCSP_CERTSTATUS_REVOKED)
        single = OCSP_basic_add1_status(basic, id, number,
                                        openssl_reason(status->reason),
                                        revoked, span->this_update,
                                        span->next_update);
    ASN1_TIME_free(revoked);
    return single;
}

static int add_single(OCSP_BASICRESP *basic, OCSP_CERTID *id,
                      const ocsp_responder_status_t *status,
                      const response_terms_t *terms, const span_t *span)
{
    OCSP_SINGLERESP *single;
    size_t i;

    if (terms->extended_revoke && status->cert_status == OCSP_RESPONDER_UNKNOWN)
        status = &never_issued;
    single = add_status(basic, id, status, span);
    if (!single)
        return 0;
    for (i = 0; i < sizeof(single_extensions) / sizeof(*single_extensions); i++)
        if (!single_extensions[i](single, status, terms))
            return 0;
    return 1;
}

/* -- the answer ------------------------------------------------------------ */

static int add_singles(OCSP_BASICRESP *basic, const answer_t *answer)
{
    const response_terms_t *terms = answer->terms;
    span_t span = {set_time(NULL, terms->this_update),
                   set_time(NULL, terms->next_update)};
    int rv = span.this_update && span.next_update;
    int i;

    for (i = 0; rv && i < answer->request->certid_count; i++)
        rv = add_single(basic, answer->request->certids[i].id,
                        &answer->statuses[i], terms, &span);
    ASN1_TIME_free(span.this_update);
    ASN1_TIME_free(span.next_update);
    return rv;
}

static int add_extensions(OCSP_BASICRESP *basic, const answer_t *answer)
{
    size_t i;

    for (i = 0; i < sizeof(response_extensions) / sizeof(*response_extensions);
         i++)
        if (!response_extensions[i](basic, answer))
            return 0;
    return 1;
}

/* OpenSSL only offers the clock's time, or what is found in the object. */
static int set_produced_at(OCSP_BASICRESP *basic, apr_time_t time)
{
    return set_time((ASN1_GENERALIZEDTIME *)OCSP_resp_get0_produced_at(basic),
                    time) != NULL;
}

static int encode(bytes_t *der, apr_pool_t *pool, OCSP_BASICRESP *basic)
{
    OCSP_RESPONSE *response
        = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    int len = response ? i2d_OCSP_RESPONSE(response, NULL) : -1;
    unsigned char *octets, *end;

    if (len > 0) {
        octets = end = apr_palloc(pool, (apr_size_t)len);
        len = i2d_OCSP_RESPONSE(response, &end);
        der->data = octets;
        der->len = (apr_size_t)len;
    }
    OCSP_RESPONSE_free(response);
    return len > 0;
}

int response_sign(bytes_t *der, apr_pool_t *pool, const request_t *request,
                  const ocsp_responder_status_t *statuses,
                  const response_terms_t *terms, const char **why)
{
    const answer_t answer = {request, statuses, terms};
    OCSP_BASICRESP *basic;
    int rv;

    ERR_clear_error();
    basic = OCSP_BASICRESP_new();
    rv = basic && add_singles(basic, &answer)
         && add_extensions(basic, &answer)
         && set_produced_at(basic, terms->this_update)
         && authority_sign(terms->signer, basic, terms->delegated)
         && encode(der, pool, basic);
    if (!rv)
        *why = why_openssl(pool, "the answer could not be made");
    OCSP_BASICRESP_free(basic);
    return rv ? 0 : -1;
}
