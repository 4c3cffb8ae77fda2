/* SPDX-License-Identifier: Apache-2.0
 * An OCSP responder (RFC 6960, RFC 9919) for the certificates in django-ca's
 * database: the module record, its hooks, and the story of one request. */
#include "mod_ocsp_responder.h"

#include "apr_strings.h"
#include "apu_version.h"
#include "httpd.h"
#include "http_config.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "mpm_common.h"
#include <openssl/crypto.h>

#include "responder/base/intervals.h"
#include "responder/db/lineage.h"
#include "responder/httpd/config.h"
#include "responder/httpd/counters.h"
#include "responder/httpd/directives.h"
#include "responder/httpd/facts.h"
#include "responder/httpd/filters.h"
#include "responder/httpd/http.h"
#include "responder/httpd/location.h"
#include "responder/httpd/log.h"
#include "responder/httpd/notes.h"
#include "responder/httpd/shared_memory.h"
#include "responder/httpd/summary.h"
#include "responder/ocsp/request.h"
#include "responder/ocsp/response.h"
#include "responder/serve/answer.h"
#include "responder/serve/authority.h"
#include "responder/serve/lookup.h"
#include "responder/serve/responders.h"
#include "responder/serve/response_cache.h"
#include "responder/serve/signing_authority.h"
#include "responder/serve/socache.h"
#include "responder/serve/token.h"
#include "responder/serve/token_keeper.h"
#include "responder/source/builtin.h"
#include "responder/source/registry.h"
#include "responder/startup/check.h"
#include "responder/startup/health.h"
#include "responder/startup/monitor.h"
#include "responder/startup/status_page.h"

/* -- the story of one request ---------------------------------------------- */

/* Ends a request with an OCSP error. */
static int refuse(request_rec *r, response_error_t error)
{
    notes_error(r, error);
    return http_send_error(r, response_error(error),
                           error == RESPONSE_TRY_LATER ? INTERVALS_RETRY_AFTER
                                                       : 0);
}

static int refuse_fault(request_rec *r, response_error_t error, const char *id,
                        const char *subject, const char *why)
{
    log_fault(r, APLOG_ERR, id, subject, "%s answered %s: %s", subject,
              notes_error_name(error), why);
    return refuse(r, error);
}

/* A CA, for messages: what the location is for may be all of them. */
static const char *name_of(const exchange_t *exchange,
                           const authority_t *authority)
{
    return authority && config_ca_is_all(exchange->config)
        ? apr_pstrcat(exchange->r->pool, "CA ", authority->issuer->serial, NULL)
        : exchange->config->ca;
}

static void note_authority(request_rec *r, const authority_t *authority)
{
    notes_authority(r, authority->issuer->serial,
                    authority->signer ? authority->signer->serial : NULL);
}

/* Whose certificates are asked for: authorities with one name and key. OK, or
 * DONE when the request is answered. */
static int find_authorities(exchange_t *exchange)
{
    const authority_t *signing = NULL;
    request_rec *r = exchange->r;
    const char *why = NULL;
    responders_result_t result = responders_find(exchange, &why);

    if (result == RESPONDERS_FOUND) {
        signing = signing_authority(exchange, NULL);
        exchange->authority = signing;
        note_authority(r, signing);
        if (signing->signer || config_presigned(exchange->config))
            return OK;
        why = signing->why;
        result = authority_is_late(signing) ? RESPONDERS_UNAVAILABLE
                                            : RESPONDERS_BROKEN;
    }
    if (result == RESPONDERS_UNAVAILABLE)
        refuse_fault(r, RESPONSE_TRY_LATER, "OCSP0201",
                     name_of(exchange, signing), why);
    else if (result == RESPONDERS_BROKEN)
        refuse_fault(r, RESPONSE_INTERNAL_ERROR, "OCSP0202",
                     name_of(exchange, signing), why);
    else {
        log_debug(r, "unauthorized: %s", why);
        refuse(r, RESPONSE_UNAUTHORIZED);
    }
    return DONE;
}

/* Settles what is sent for what was found, and who signs it; OK, or DONE when
 * the request is answered. */
static int settle(exchange_t *exchange, const ocsp_responder_status_t *found,
                  const authority_t *owner)
{
    const authority_t *noted = exchange->authority;
    const request_t *request = exchange->request;
    request_rec *r = exchange->r;
    int i;

    exchange->sent = policy_decide(r->pool, config_unknown(exchange->config),
                                   found, request->certid_count);
    exchange->authority = signing_authority(exchange, owner);
    if (exchange->authority != noted)
        note_authority(r, exchange->authority);
    for (i = 0; i < request->certid_count; i++)
        notes_status(r, request, i, found[i].cert_status,
                     &exchange->sent.statuses[i]);
    if (!exchange->sent.is_refused)
        return OK;
    refuse(r, RESPONSE_UNAUTHORIZED);
    return DONE;
}

/* What seems to be another CA's may be one's that was renewed since, and what
 * cannot be found one's that is gone, while another has its name and key. */
static ocsp_responder_lookup_t look_up_all(exchange_t *exchange,
                                           ocsp_responder_status_t *found,
                                           const authority_t **owner,
                                           const char **why)
{
    const ocsp_responder_lookup_t result =
        lookup_statuses(exchange, found, owner, why);
    const int has_failed = result == OCSP_RESPONDER_LOOKUP_FAILED;
    const char *why_not = NULL;
    responders_result_t again = RESPONDERS_OTHER;

    if (has_failed || result == OCSP_RESPONDER_LOOKUP_DONE)
        again = responders_find_renewed(exchange, has_failed ? NULL : found,
                                        &why_not);
    if (again == RESPONDERS_FOUND)
        return lookup_statuses(exchange, found, owner, why);
    if (again == RESPONDERS_OTHER || has_failed)
        return result;
    *why = why_not;
    return again == RESPONDERS_UNAVAILABLE ? OCSP_RESPONDER_LOOKUP_UNAVAILABLE
                                           : OCSP_RESPONDER_LOOKUP_FAILED;
}

/* The status of every CertID; OK, or DONE when the request is answered. */
static int find_statuses(exchange_t *exchange)
{
    request_rec *r = exchange->r;
    ocsp_responder_status_t *found =
        apr_pcalloc(r->pool, exchange->request->certid_count * sizeof(*found));
    const char *why = "no reason given", *ca = exchange->config->ca;
    const authority_t *owner = NULL;
    ocsp_responder_lookup_t result = look_up_all(exchange, found, &owner, &why);

    facts_of(r)->looked_up = apr_time_now() - exchange->now;
    if (result == OCSP_RESPONDER_LOOKUP_DONE)
        return settle(exchange, found, owner);
    responders_doubt(exchange);
    if (result == OCSP_RESPONDER_LOOKUP_UNAVAILABLE)
        refuse_fault(r, RESPONSE_TRY_LATER, "OCSP0203", ca, why);
    else
        refuse_fault(r, RESPONSE_INTERNAL_ERROR, "OCSP0204", ca, why);
    return DONE;
}

/* RFC 9919 §7.2: HTTP caches may keep what is the same for everybody. */
static int send_answer(const exchange_t *exchange,
                       const response_cache_answer_t *answer)
{
    bytes_t digest = { answer->digest, sizeof(answer->digest) };
    request_rec *r = exchange->r;

    facts_of(r)->produced_at = answer->times.produced_at;
    if (http_is_cacheable(r) && answer->has_digest)
        return http_send_cacheable(r, answer->der, digest, &answer->times,
                                   exchange->now);
    return http_send_once(r, answer->der);
}

/* A request that is read, to its answer. */
static int answer(exchange_t *exchange)
{
    response_cache_answer_t made;
    answer_failure_t failure;

    notes_request(exchange->r, exchange->request);
    if (find_authorities(exchange) != OK || find_statuses(exchange) != OK)
        return OK;
    if (answer_make(exchange, &made, &failure))
        return send_answer(exchange, &made);
    return refuse_fault(exchange->r, failure.error, failure.id,
                        name_of(exchange, exchange->authority), failure.why);
}

/* Bytes in, bytes out: each step may end the request. */
static int respond(request_rec *r, const config_t *config)
{
    exchange_t exchange = { .r = r,
                            .config = config,
                            .call = { .pool = r->pool, .server = r->server } };
    const char *why;
    bytes_t der;
    int status = http_read(r, config_max_request(config), &der);

    if (status != OK)
        return status;
    exchange.request =
        request_parse(r->pool, der, config_max_certids(config), &why);
    if (!exchange.request) {
        log_debug(r, "malformedRequest: %s", why);
        return refuse(r, RESPONSE_MALFORMED_REQUEST);
    }
    exchange.now = apr_time_now();
    exchange.call.deadline = exchange.now + INTERVALS_REQUEST;
    return answer(&exchange);
}

static int handle(request_rec *r)
{
    const config_t *config = config_of_request(r);
    int status;

    if (!location_is_ours(r))
        return DECLINED;
    facts_of(r);
    status = respond(r, config);
    return status == DONE ? OK : status;
}

/* -- the life of the server ------------------------------------------------ */

static int begin(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    if (!responders_begin(pconf))
        return !OK;
    token_begin(pconf);
    return socache_begin(pconf) ? OK : !OK;
}

/* In the server's banner, and in what it logs when it starts. */
#define NAME "mod_ocsp_responder/" OCSP_RESPONDER_VERSION

static int start(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                 server_rec *server)
{
    (void)plog;
    (void)ptemp;
    counters_use(shared_memory_get("mod_ocsp_responder-counters",
                                   COUNTERS_LAYOUT, counters_size),
                 apr_time_now());
    log_open();
    lineage_use(shared_memory_get("mod_ocsp_responder-lineage", LINEAGE_LAYOUT,
                                  lineage_size));
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    ap_add_version_component(pconf, NAME);
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                 NAME " runs with %s and APR-util %s" INTERVALS_NOTE,
                 OpenSSL_version(OPENSSL_VERSION), apu_version_string());
    socache_open(pconf, server);
    token_start(pconf);
    monitor_start(pconf, server);
    return OK;
}

static void start_child(apr_pool_t *pool, server_rec *servers)
{
    registry_child_init(pool, servers);
    token_child_init();
    responders_child_init(pool);
    socache_child_init(pool, servers);
    response_cache_child_init(pool);
}

static void register_hooks(apr_pool_t *pool)
{
    static const char *const after_dbd[] = { "mod_dbd.c", NULL };

    (void)pool;
    /* the life of the server */
    builtin_register_hooks();
    ap_hook_pre_config(begin, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_LAST);
    ap_hook_post_config(start, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(start_child, after_dbd, NULL, APR_HOOK_LAST);
    ap_hook_monitor(token_keeper_start_missing, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_monitor(monitor_start_missing, NULL, NULL, APR_HOOK_MIDDLE);

    /* a request */
    status_page_register_hooks();
    health_register_hooks();
    location_register_hooks();
    filters_register_hooks();
    /* Behind mod_cache's, before mod_proxy's. */
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_REALLY_FIRST + 1);
    summary_register_hooks();
    ap_hook_log_transaction(facts_count, NULL, NULL, APR_HOOK_MIDDLE);
}

/* The one symbol that others see: all modules share one name space. */
extern module __attribute__((visibility("default"))) ocsp_responder_module;

AP_DECLARE_MODULE(ocsp_responder) = {
    STANDARD20_MODULE_STUFF,
    config_create_dir, /* a section's settings */
    config_merge_dir,  /* an inner section's over an outer's */
    NULL,              /* a server's settings: none */
    NULL,
    directives,
    register_hooks,
    0 /* flags */
};
