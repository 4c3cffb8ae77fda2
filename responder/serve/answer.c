/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/answer.h"

#include "apr_strings.h"

#include "httpd/facts.h"
#include "ocsp/dual_certid.h"
#include "ocsp/response_times.h"
#include "serve/presigned.h"

static int fail(answer_failure_t *failure, response_error_t error,
                const char *id, const char *why)
{
    failure->error = error;
    failure->id = id;
    failure->why = why;
    return 0;
}

/* What the answer says besides the statuses. */
static response_terms_t terms_of(const config_t *config,
                                 const request_t *request,
                                 const authority_t *authority)
{
    static const bytes_t no_nonce = { NULL, 0 };
    const int cutoff = config_archive_cutoff(config);
    response_terms_t terms = {
        .issuer = authority->issuer,
        .signer = authority->signer,
        .delegated = authority->delegated,
        .nonce = config_nonce(config) ? request->nonce : no_nonce,
        .archive_cutoff = cutoff == CONFIG_CUTOFF_OFF ? RESPONSE_NO_CUTOFF
            : cutoff == CONFIG_CUTOFF_CA              ? RESPONSE_CUTOFF_CA
                                         : RESPONSE_CUTOFF_RETENTION,
        .retention = cutoff,
        .chain = authority->pair->chain,
        .extended_revoke = config_unknown(config) == CONFIG_UNKNOWN_REVOKED
    };

    return terms;
}

/* Where there is a key, a nonce is worth a signature. */
static int may_be_presigned(const config_t *config, const request_t *request,
                            const authority_t *authority,
                            const ocsp_responder_status_t *statuses)
{
    return config_presigned(config) && request->certid_count == 1
        && statuses[0].cert_status != OCSP_RESPONDER_UNKNOWN
        && !(authority->signer && config_nonce(config) && request->nonce.data);
}

/* A token that hangs may come back. */
static response_error_t error_of(const authority_t *authority)
{
    const token_t *token = authority->pair->token;

    return token && token_hangs(token) ? RESPONSE_TRY_LATER
                                       : RESPONSE_INTERNAL_ERROR;
}

static int sign(request_rec *r, const authority_t *authority,
                const request_t *request,
                const ocsp_responder_status_t *statuses,
                const response_terms_t *terms, response_cache_answer_t *answer,
                answer_failure_t *failure)
{
    facts_t *facts = facts_of(r);
    apr_time_t began = apr_time_now();
    const char *why = NULL;
    int signed_now;

    answer->produced_at = terms->times.produced_at;
    answer->this_update = terms->times.this_update;
    answer->next_update = terms->times.next_update;
    signed_now =
        response_sign(&answer->der, r->pool, request, statuses, terms, &why)
        == 0;
    facts->signed_in = apr_time_now() - began;
    if (signed_now) {
        facts->made = FACTS_MADE_SIGNED;
        return 1;
    }
    return fail(failure, error_of(authority), "OCSP0206", why);
}

/* Out of the cache, or a new one. */
static int make(request_rec *r, const config_t *config,
                const request_t *request, const authority_t *authority,
                const ocsp_responder_status_t *statuses, apr_time_t now,
                response_cache_answer_t *answer, answer_failure_t *failure)
{
    const response_span_t span = { config_expires(config, authority->validity),
                                   config_backdate(config) };
    int reusable = response_cache_is_reusable(request, statuses);
    const ocsp_responder_status_t twice[] = { statuses[0], statuses[0] };
    response_terms_t terms = terms_of(config, request, authority);
    response_cache_key_t key;
    request_t dual;
    const char *why;

    /* One of several with the same name and key, of which none may sign. */
    if (!authority->signer)
        return fail(failure, RESPONSE_INTERNAL_ERROR, "OCSP0208",
                    authority->why);
    why = response_times(&terms.times, terms.issuer, terms.signer, now, &span,
                         statuses, request->certid_count);
    if (why)
        return fail(failure, RESPONSE_INTERNAL_ERROR, "OCSP0205", why);
    if (reusable && config_dual_certid(config)
        && dual_certid(&dual, r->pool, terms.issuer, request)) {
        request = &dual;
        statuses = twice;
    }
    if (reusable) {
        reusable = response_cache_key(&key, r->pool, authority, request,
                                      &statuses[0], &terms, &span);
        if (reusable
            && response_cache_find(r, &key, config, authority, now, answer)) {
            facts_of(r)->made = FACTS_MADE_REUSED;
            return 1;
        }
    }
    if (!sign(r, authority, request, statuses, &terms, answer, failure))
        return 0;
    if (reusable) {
        response_cache_digest(answer);
        response_cache_store(r, &key, config, authority, answer);
    }
    return 1;
}

int answer_make(request_rec *r, const config_t *config,
                const request_t *request, const authority_t *authority,
                const ocsp_responder_status_t *statuses, apr_time_t now,
                response_cache_answer_t *answer, answer_failure_t *failure)
{
    const char *why = "no presigned answer can be meant";

    answer->has_digest = 0;
    if (may_be_presigned(config, request, authority, statuses)
        && presigned_find(r, request, authority->issuer, &statuses[0], now,
                          answer, &why)) {
        if (response_cache_is_reusable(request, statuses))
            response_cache_digest(answer);
        facts_of(r)->made = FACTS_MADE_PRESIGNED;
        return 1;
    }
    if (authority_may_sign(authority, now) || !config_presigned(config))
        return make(r, config, request, authority, statuses, now, answer,
                    failure);
    return fail(
        failure, RESPONSE_TRY_LATER, "OCSP0207",
        apr_psprintf(r->pool, "%s, and nobody can sign: %s", why,
                     authority->why
                         ? authority->why
                         : "the responder certificate has expired or is "
                           "not yet valid"));
}
