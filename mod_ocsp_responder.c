/* SPDX-License-Identifier: Apache-2.0
 * An OCSP responder (RFC 6960, RFC 9919) for the certificates in django-ca's
 * database: the module record, its hooks, and the story of one request. */
#include "mod_ocsp_responder.h"

#include "httpd.h"
#include "apr_strings.h"
#include "http_config.h"
#include "http_core.h"
#include "http_protocol.h"

#include "responder/serve/answer.h"
#include "responder/serve/response_cache.h"
#include "responder/serve/socache.h"
#include "responder/serve/token.h"
#include "responder/startup/announce.h"
#include "responder/startup/check.h"
#include "responder/httpd/config.h"
#include "responder/httpd/counters.h"
#include "responder/httpd/directives.h"
#include "responder/httpd/facts.h"
#include "responder/db/database.h"
#include "responder/serve/authority.h"
#include "responder/httpd/filters.h"
#include "responder/httpd/http.h"
#include "responder/httpd/location.h"
#include "responder/serve/lookup.h"
#include "responder/httpd/log.h"
#include "responder/httpd/notes.h"
#include "responder/ocsp/request.h"
#include "responder/ocsp/response.h"
#include "responder/startup/health.h"
#include "responder/httpd/summary.h"
#include "responder/startup/status_page.h"
#include "responder/serve/responders.h"
#include "responder/serve/schema_cache.h"

/* What Retry-After asks of a client that is told tryLater. */
#define RETRY_AFTER 5 /* seconds */

/* -- the story of one request ---------------------------------------------- */

/* Ends a request with an OCSP error. */
static int refuse(request_rec *r, response_error_t error)
{
    notes_error(r, error);
    return http_send_error(r, response_error(error),
                           error == RESPONSE_TRY_LATER ? RETRY_AFTER : 0);
}

static int refuse_fault(request_rec *r, response_error_t error, const char *id,
                        const char *subject, const char *why)
{
    log_fault(r, APLOG_ERR, id, subject, "%s answered %s: %s", subject,
              notes_error_name(error), why);
    return refuse(r, error);
}

/* A CA, for messages: what the location is for may be all of them. */
static const char *name_of(request_rec *r, const config_t *config,
                           const authority_t *authority)
{
    return authority && config_ca_is_all(config)
        ? apr_pstrcat(r->pool, "CA ", authority->issuer->serial, NULL)
        : config->ca;
}

/* Whose certificates are asked for: authorities with one name and key. OK, or
 * DONE when the request is answered. */
static int find_authorities(request_rec *r, const config_t *config,
                            const request_t *request,
                            const apr_array_header_t **authorities)
{
    const authority_t *speaker = NULL;
    const char *why = NULL;

    switch (responders_find(r, config, request, authorities, &why)) {
    case RESPONDERS_FOUND:
        speaker = lookup_signing(*authorities, NULL, r->request_time);
        notes_authority(r, speaker);
        if (speaker->signer || config_presigned(config))
            return OK;
        why = speaker->why;
        break;
    case RESPONDERS_OTHER:
        log_debug(r, "unauthorized: %s", why);
        refuse(r, RESPONSE_UNAUTHORIZED);
        return DONE;
    case RESPONDERS_UNAVAILABLE:
        refuse_fault(r, RESPONSE_TRY_LATER, "OCSP0201", config->ca, why);
        return DONE;
    case RESPONDERS_BROKEN:
        break;
    }
    refuse_fault(r, RESPONSE_INTERNAL_ERROR, "OCSP0202",
                 name_of(r, config, speaker), why);
    return DONE;
}

/* The status of every CertID, and which authority has the last of them; OK, or
 * DONE when the request is answered. */
static int find_statuses(request_rec *r, const config_t *config,
                         const request_t *request,
                         const apr_array_header_t *authorities,
                         ocsp_responder_status_t *statuses,
                         const authority_t **owner)
{
    const char *why = "no reason given";
    int i;

    for (i = 0; i < request->certid_count; i++) {
        switch (lookup_status(r, authorities, &request->certids[i],
                              &statuses[i], owner, &why)) {
        case OCSP_RESPONDER_LOOKUP_DONE:
            break;
        case OCSP_RESPONDER_LOOKUP_UNAVAILABLE:
            refuse_fault(r, RESPONSE_TRY_LATER, "OCSP0203", config->ca, why);
            return DONE;
        default:
            refuse_fault(r, RESPONSE_INTERNAL_ERROR, "OCSP0204", config->ca,
                         why);
            return DONE;
        }
        notes_status(r, config, request, i, &statuses[i]);
        if (statuses[i].cert_status == OCSP_RESPONDER_UNKNOWN
            && config_unknown(config) == CONFIG_UNKNOWN_UNAUTHORIZED) {
            refuse(r, RESPONSE_UNAUTHORIZED);
            return DONE;
        }
    }
    return OK;
}

/* RFC 9919 §7.2: HTTP caches may keep what is the same for everybody. */
static int send_answer(request_rec *r, const response_cache_answer_t *answer,
                       apr_time_t now)
{
    http_validity_t validity = { answer->this_update, answer->next_update };
    bytes_t digest = { answer->digest, sizeof(answer->digest) };

    facts_of(r)->produced_at = answer->produced_at;
    if (http_is_cacheable(r) && answer->has_digest)
        return http_send_cacheable(r, answer->der, digest, validity, now);
    return http_send_once(r, answer->der);
}

/* Bytes in, bytes out: each step may end the request. */
static int answer(request_rec *r, const config_t *config)
{
    const apr_array_header_t *authorities;
    const authority_t *authority = NULL;
    const request_t *request;
    ocsp_responder_status_t *statuses;
    answer_failure_t failure;
    response_cache_answer_t made;
    apr_time_t began, now;
    const char *why;
    bytes_t der;
    int status = http_read(r, config_max_request(config), &der);

    if (status != OK)
        return status;
    request = request_parse(r->pool, der, config_max_certids(config), &why);
    if (!request) {
        log_debug(r, "malformedRequest: %s", why);
        return refuse(r, RESPONSE_MALFORMED_REQUEST);
    }
    notes_request(r, request);
    if (find_authorities(r, config, request, &authorities) != OK)
        return OK;
    statuses = apr_pcalloc(r->pool, request->certid_count * sizeof(*statuses));
    began = apr_time_now();
    status =
        find_statuses(r, config, request, authorities, statuses, &authority);
    now = apr_time_now();
    facts_of(r)->looked_up = now - began;
    if (status != OK)
        return OK;
    authority = lookup_signing(authorities, authority, now);
    notes_authority(r, authority);
    if (!answer_make(r, config, request, authority, statuses, now, &made,
                     &failure))
        return refuse_fault(r, failure.error, failure.id,
                            name_of(r, config, authority), failure.why);
    return send_answer(r, &made, now);
}

static int handle(request_rec *r)
{
    const config_t *config = config_of_request(r);
    int status;

    if (!location_is_ours(r))
        return DECLINED;
    facts_of(r);
    status = answer(r, config);
    return status == DONE ? OK : status;
}

/* -- the life of the server ------------------------------------------------ */

static int begin(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    responders_begin(pconf);
    token_begin(pconf);
    return socache_begin(pconf) ? OK : !OK;
}

static int start(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                 server_rec *server)
{
    (void)plog;
    (void)ptemp;
    counters_open();
    log_open();
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    announce(pconf, server);
    socache_open(pconf, server);
    token_start(pconf);
    return OK;
}

static void start_child(apr_pool_t *pool, server_rec *servers)
{
    database_child_init(pool, servers);
    schema_cache_child_init(pool, servers);
    token_child_init(pool);
    responders_child_init(pool);
    socache_child_init(pool, servers);
    response_cache_child_init(pool);
}

static void register_hooks(apr_pool_t *pool)
{
    static const char *const after_dbd[] = { "mod_dbd.c", NULL };

    (void)pool;
    /* the life of the server */
    ap_hook_pre_config(begin, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_LAST);
    ap_hook_post_config(start, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(start_child, after_dbd, NULL, APR_HOOK_LAST);

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
