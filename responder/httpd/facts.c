/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/facts.h"

#include "http_config.h"

#include "httpd/counters.h"
#include "ocsp/issuer.h"

extern module AP_MODULE_DECLARE_DATA ocsp_responder_module;

static facts_t *facts_there(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &ocsp_responder_module);
}

facts_t *facts_of(request_rec *r)
{
    facts_t *facts = facts_there(r);

    if (!facts) {
        facts = apr_pcalloc(r->pool, sizeof(*facts));
        ap_set_module_config(r->request_config, &ocsp_responder_module, facts);
    }
    return facts;
}

void facts_add_status(request_rec *r, ocsp_responder_cert_status_t found,
                      ocsp_responder_cert_status_t sent)
{
    facts_t *facts = facts_of(r);

    facts->never_issued += found == OCSP_RESPONDER_UNKNOWN;
    facts->good += sent == OCSP_RESPONDER_GOOD;
    facts->revoked += sent == OCSP_RESPONDER_REVOKED;
    facts->unknown += sent == OCSP_RESPONDER_UNKNOWN;
}

/* -- counting -------------------------------------------------------------- */

static counter_t method_of(const request_rec *r)
{
    if (r->method_number == M_GET)
        return r->header_only ? COUNTER_METHOD_HEAD : COUNTER_METHOD_GET;
    return r->method_number == M_POST ? COUNTER_METHOD_POST
                                      : COUNTER_METHOD_OTHER;
}

static counter_t code_of(const request_rec *r)
{
    static const struct {
        int status;
        counter_t counter;
    } codes[] = { { 200, COUNTER_HTTP_200 }, { 304, COUNTER_HTTP_304 },
                  { 400, COUNTER_HTTP_400 }, { 405, COUNTER_HTTP_405 },
                  { 408, COUNTER_HTTP_408 }, { 413, COUNTER_HTTP_413 },
                  { 414, COUNTER_HTTP_414 } };
    unsigned i;

    while (r->next) /* an ErrorDocument */
        r = r->next;
    for (i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        if (codes[i].status == r->status)
            return codes[i].counter;
    return COUNTER_HTTP_OTHER;
}

static counter_t error_of(int error)
{
    switch (error) {
    case 0:
        return COUNTER_NONE;
    case RESPONSE_MALFORMED_REQUEST:
        return COUNTER_ERROR_MALFORMED_REQUEST;
    case RESPONSE_TRY_LATER:
        return COUNTER_ERROR_TRY_LATER;
    case RESPONSE_UNAUTHORIZED:
        return COUNTER_ERROR_UNAUTHORIZED;
    default:
        return COUNTER_ERROR_INTERNAL_ERROR;
    }
}

/* Those that are hardly ever asked by count as others. */
static counter_t hash_of(const request_certid_t *certid)
{
    static const counter_t counters[] = { COUNTER_HASH_OTHER, COUNTER_HASH_SHA1,
                                          COUNTER_HASH_SHA256,
                                          COUNTER_HASH_SHA384,
                                          COUNTER_HASH_SHA512 };

    const unsigned digest = (unsigned)issuer_digest(certid);

    return digest < sizeof(counters) / sizeof(*counters) ? counters[digest]
                                                         : COUNTER_HASH_OTHER;
}

static counter_t making_of(facts_made_t made)
{
    static const counter_t counters[] = { COUNTER_NONE, COUNTER_MADE_SIGNED,
                                          COUNTER_MADE_REUSED,
                                          COUNTER_MADE_PRESIGNED };

    return counters[made];
}

static void count_request(const request_t *request)
{
    int i;

    counters_add(
        request->nonce.data ? COUNTER_NONCE_PRESENT : COUNTER_NONCE_ABSENT, 1);
    for (i = 0; i < request->certid_count; i++)
        counters_add(hash_of(&request->certids[i]), 1);
}

static void count_statuses(const facts_t *facts)
{
    counters_add_ca(facts->ca, COUNTER_CA_NEVER_ISSUED, facts->never_issued);
    if (facts->error)
        return;
    counters_add_ca(facts->ca, COUNTER_CA_GOOD, facts->good);
    counters_add_ca(facts->ca, COUNTER_CA_REVOKED, facts->revoked);
    counters_add_ca(facts->ca, COUNTER_CA_UNKNOWN, facts->unknown);
}

int facts_count(request_rec *r)
{
    const facts_t *facts = facts_there(r);

    if (!facts)
        return DECLINED;
    counters_add(method_of(r), 1);
    counters_add(code_of(r), 1);
    counters_add(error_of(facts->error), 1);
    counters_add(making_of(facts->made), 1);
    if (facts->request)
        count_request(facts->request);
    if (facts->ca)
        count_statuses(facts);
    if (facts->looked_up)
        counters_add_time(COUNTER_TIME_LOOKUP, facts->looked_up);
    if (facts->signed_in)
        counters_add_time(COUNTER_TIME_SIGNING, facts->signed_in);
    counters_add_time(COUNTER_TIME_REQUEST, apr_time_now() - r->request_time);
    return OK;
}
