/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/facts.h"

#include "apr_strings.h"
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

static int code_of(const request_rec *r)
{
    while (r->next) /* an ErrorDocument */
        r = r->next;
    return r->status;
}

/* Those that are hardly ever asked by count as others. */
static const char *facts_hash_of(const request_certid_t *certid)
{
    switch (issuer_digest(certid)) {
    case ISSUER_SHA1:
        return "sha1";
    case ISSUER_SHA256:
        return "sha256";
    case ISSUER_SHA384:
        return "sha384";
    case ISSUER_SHA512:
        return "sha512";
    default:
        return "other";
    }
}

static void count_request(const request_t *request)
{
    int i;

    counters_add(COUNTERS_NONCE, request->nonce.data ? "yes" : "no");
    for (i = 0; i < request->certid_count; i++)
        counters_add(COUNTERS_HASH, facts_hash_of(&request->certids[i]));
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
    counters_add(COUNTERS_METHOD, r->header_only ? "HEAD" : r->method);
    counters_add(COUNTERS_CODE, apr_itoa(r->pool, code_of(r)));
    if (facts->error)
        counters_add(COUNTERS_ERROR, facts->error);
    if (facts->made)
        counters_add(COUNTERS_MADE, facts->made);
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
