/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/answer.h"

#include "apr_strings.h"

#include "httpd/facts.h"
#include "httpd/log.h"
#include "ocsp/crl_reason.h"
#include "ocsp/dual_certid.h"
#include "ocsp/response_times.h"
#include "ocsp/stored_response.h"

static int answer_fail(answer_failure_t *failure, response_error_t error,
                       const char *id, const char *why)
{
    failure->error = error;
    failure->id = id;
    failure->why = why;
    return 0;
}

/* What the answer says besides the statuses and times. */
static response_terms_t terms_of(const exchange_t *exchange)
{
    static const bytes_t no_nonce = { NULL, 0 };
    const config_t *config = exchange->config;
    const authority_t *authority = exchange->authority;
    const int cutoff = config_archive_cutoff(config);
    response_terms_t terms = {
        .issuer = authority->issuer,
        .signer = authority->signer,
        .delegated = authority->delegated,
        .nonce = config_nonce(config) ? exchange->request->nonce : no_nonce,
        .archive_cutoff = cutoff == CONFIG_CUTOFF_OFF ? RESPONSE_NO_CUTOFF
            : cutoff == CONFIG_CUTOFF_CA              ? RESPONSE_CUTOFF_CA
                                         : RESPONSE_CUTOFF_RETENTION,
        .retention = cutoff,
        .chain = authority->pair->chain,
        .extended_revoke = exchange->sent.extended_revoke
    };

    return terms;
}

/* Why an answer may not be used for another request; NULL: it may. */
static const char *why_not_reusable(const exchange_t *exchange)
{
    if (exchange->request->nonce.data && config_nonce(exchange->config))
        return "the request has a nonce";
    if (exchange->request->certid_count != 1)
        return "the request has several CertIDs";
    return exchange->sent.never_issued ? "the serial was never issued" : NULL;
}

/* Where there is a key, a nonce is worth a signature. */
static int may_be_presigned(const exchange_t *exchange)
{
    const config_t *config = exchange->config;

    return config_presigned(config) && exchange->request->certid_count == 1
        && !exchange->sent.never_issued
        && !(exchange->authority->signer && config_nonce(config)
             && exchange->request->nonce.data);
}

/* A token that hangs may come back. */
static response_error_t error_of(const authority_t *authority)
{
    return authority_is_late(authority) ? RESPONSE_TRY_LATER
                                        : RESPONSE_INTERNAL_ERROR;
}

/* reason: why no answer that there is will do. */
static int answer_sign(const exchange_t *exchange,
                       const response_cache_draft_t *draft, const char *reason,
                       response_cache_answer_t *answer,
                       answer_failure_t *failure)
{
    request_rec *r = exchange->r;
    facts_t *facts = facts_of(r);
    apr_time_t began = apr_time_now();
    const char *why = NULL;
    int signed_now;

    answer->times = draft->terms.times;
    signed_now = response_sign(&answer->der, r->pool, draft->request,
                               draft->statuses, &draft->terms, &why);
    facts->signed_in = apr_time_now() - began;
    if (signed_now) {
        facts->made = "signed";
        facts->signed_why = reason;
        return 1;
    }
    return answer_fail(failure, error_of(exchange->authority), "OCSP0206", why);
}

/* Out of the cache, or a new one for it. */
static int reuse_or_sign(const exchange_t *exchange,
                         const response_cache_draft_t *draft,
                         response_cache_answer_t *answer,
                         answer_failure_t *failure)
{
    request_rec *r = exchange->r;
    const char *why = "OpenSSL makes no digest of it";
    response_cache_key_t key;
    int has_key = response_cache_key(&key, exchange, draft);

    if (has_key && response_cache_find(exchange, &key, answer, &why)) {
        facts_of(r)->made = "reused";
        return 1;
    }
    if (!answer_sign(exchange, draft, why, answer, failure))
        return 0;
    response_cache_digest(answer);
    if (has_key)
        response_cache_store(exchange, &key, answer);
    return 1;
}

static int make_reusable(const exchange_t *exchange,
                         const response_cache_draft_t *draft,
                         response_cache_answer_t *answer,
                         answer_failure_t *failure)
{
    const ocsp_responder_status_t twice[] = { exchange->sent.statuses[0],
                                              exchange->sent.statuses[0] };
    response_cache_draft_t own = *draft;
    request_t dual;

    if (config_dual_certid(exchange->config)
        && dual_certid(&dual, exchange->r->pool, draft->terms.issuer,
                       exchange->request)) {
        own.request = &dual;
        own.statuses = twice;
    }
    return reuse_or_sign(exchange, &own, answer, failure);
}

/* A hold is for a while only. */
static int has_hold(const exchange_t *exchange)
{
    const ocsp_responder_status_t *sent = exchange->sent.statuses;
    int i;

    for (i = 0; i < exchange->request->certid_count; i++)
        if (sent[i].cert_status == OCSP_RESPONDER_REVOKED
            && sent[i].reason == CRL_REASON_CERTIFICATE_HOLD)
            return 1;
    return 0;
}

/* Nobody revokes for a CA that has ended: what is said then stays true. */
static apr_int64_t validity_of(const exchange_t *exchange)
{
    const authority_t *authority = exchange->authority;

    return authority_is_final(authority, exchange->now) && !has_hold(exchange)
        ? RESPONSE_FOR_EVER
        : config_expires(exchange->config, authority->ca.validity);
}

static int answer_make_new(const exchange_t *exchange,
                           response_cache_answer_t *answer,
                           answer_failure_t *failure)
{
    const authority_t *authority = exchange->authority;
    response_cache_draft_t draft = {
        .request = exchange->request,
        .statuses = exchange->sent.statuses,
        .span = { exchange->now, validity_of(exchange),
                  config_backdate(exchange->config) },
        .terms = terms_of(exchange)
    };
    const char *why;

    /* One of several with the same name and key, of which none may sign. */
    if (!authority->signer)
        return answer_fail(failure, error_of(authority), "OCSP0208",
                           authority->why);
    why = response_times(&draft.terms.times, authority->issuer,
                         authority->signer, &draft.span, draft.statuses,
                         draft.request->certid_count);
    if (why)
        return answer_fail(failure, RESPONSE_INTERNAL_ERROR, "OCSP0205", why);
    why = why_not_reusable(exchange);
    return why ? answer_sign(exchange, &draft, why, answer, failure)
               : make_reusable(exchange, &draft, answer, failure);
}

/* -- signed beforehand ----------------------------------------------------- */

/* How many answers the source has that may be meant. */
static int ask_for_presigned(const exchange_t *exchange,
                             const ocsp_responder_stored_t **stored,
                             const char **why)
{
    const registry_source_t *source = exchange->source;
    const request_certid_t *certid = &exchange->request->certids[0];
    ocsp_responder_query_t query = authority_query(exchange->authority, certid);
    const char *failed = NULL;
    int count = 0;

    if (!source->source->stored_response || certid->serial_negative
        || source->source->stored_response(source->instance, &exchange->call,
                                           &query, stored, &count, &failed)
            == OCSP_RESPONDER_LOOKUP_DONE)
        return count;
    if (failed)
        *why = failed;
    return 0;
}

/* Finds one that is signed for the authority's CA, valid now, about that very
 * CertID, and says what its status says: neither the source nor the answers are
 * trusted. 0 with *why, which says what is wrong with the last of them. */
static int find_presigned(const exchange_t *exchange,
                          response_cache_answer_t *answer, const char **why)
{
    apr_pool_t *pool = exchange->r->pool;
    const stored_response_wanted_t wanted = {
        .certid = &exchange->request->certids[0],
        .issuer = exchange->authority->issuer,
        .status = &exchange->sent.statuses[0],
        .now = exchange->now
    };
    const ocsp_responder_stored_t *stored = NULL;
    response_times_t times;
    int count, i;

    *why = "there is no pre-signed response";
    count = ask_for_presigned(exchange, &stored, why);
    for (i = 0; i < count; i++) {
        const char *fault =
            stored_response_check(&times, pool, &stored[i], &wanted);

        if (!fault) {
            answer->der = stored[i].der;
            answer->times = times;
            return 1;
        }
        *why = apr_pstrcat(
            pool, "the pre-signed response cannot be sent: ", fault, NULL);
    }
    return 0;
}

/* -------------------------------------------------------------------------- */

int answer_make(const exchange_t *exchange, response_cache_answer_t *answer,
                answer_failure_t *failure)
{
    const authority_t *authority = exchange->authority;
    const char *why = "no pre-signed response applies";

    answer->has_digest = 0;
    if (may_be_presigned(exchange) && find_presigned(exchange, answer, &why)) {
        if (!why_not_reusable(exchange))
            response_cache_digest(answer);
        facts_of(exchange->r)->made = "presigned";
        return 1;
    }
    if (config_presigned(exchange->config))
        log_debug(exchange->r, "not presigned: %s", why);
    if (authority_may_sign(authority, exchange->now)
        || !config_presigned(exchange->config))
        return answer_make_new(exchange, answer, failure);
    return answer_fail(
        failure, RESPONSE_TRY_LATER, "OCSP0207",
        apr_psprintf(exchange->r->pool, "%s, and nobody can sign: %s", why,
                     authority->why
                         ? authority->why
                         : "the responder certificate has expired or is "
                           "not yet valid"));
}
