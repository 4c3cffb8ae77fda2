/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/health.h"

#include "httpd.h"
#include "apr_atomic.h"
#include "apr_strings.h"
#include "http_config.h"
#include "http_protocol.h"

#include "base/intervals.h"
#include "base/json.h"
#include "httpd/http.h"
#include "httpd/location.h"
#include "httpd/log.h"
#include "serve/responders.h"

/* Reasons that are told; more of them help nobody. */
#define REASONS 20

typedef struct {
    request_rec *r;
    apr_array_header_t *reasons; /* const char *; none is a secret */
    apr_time_t began;
    int cas;           /* that are answered for */
    int known;         /* … whose key and certificate are known */
    int trials;        /* that signed and verified */
    apr_uint32_t next; /* the first CA to try, as it was left out last time */
    int late;          /* some were not tried, for want of time */
} health_t;

/* Where the next check goes on, when there are more CAs than time. */
static volatile apr_uint32_t next_ca;

/* name: of a subject of that kind; "" where the kind says it. */
static void fault(health_t *health, const char *kind, const char *name,
                  const char *reason)
{
    const char *text =
        apr_pstrcat(health->r->pool, kind, name, ": ", reason, NULL);

    log_debug(health->r, "health: %s", text);
    if (health->reasons->nelts < REASONS)
        APR_ARRAY_PUSH(health->reasons, const char *) = text;
}

/* -- one CA ---------------------------------------------------------------- */

/* NULL: it can sign now, and for a while to come. */
static const char *why_not(const signer_t *signer, apr_time_t now)
{
    if (!signer)
        return "there is no key and certificate that can be used";
    if (now < signer->not_before)
        return "the responder certificate is not yet valid";
    if (now > signer->not_after)
        return "the responder certificate has expired";
    if (now + INTERVALS_HEALTH_AHEAD > signer->not_after)
        return "the responder certificate expires within a minute";
    return NULL;
}

/* Whether the last CA that was counted is to be tried, too. */
static int is_tried(health_t *health)
{
    apr_uint32_t number = (apr_uint32_t)health->cas;

    if (number <= health->next || health->late)
        return 0;
    if (apr_time_now() - health->began > INTERVALS_HEALTH) {
        health->late = 1;
        apr_atomic_set32(&next_ca, number - 1);
    }
    return !health->late;
}

/* Asks about a serial that no CA issues, of random bytes: what counts is that
 * there is an answer. A certificate's own record might be wrong, which is no
 * fault of all others'; a CA's may be, as CRLs end one by one. */
static int source_answers(const registry_source_t *source,
                          const ocsp_responder_call_t *call,
                          const authority_t *authority)
{
    static const unsigned char nobodys[] = { 0x4E, 0x8D, 0x1B, 0x72, 0xA6, 0x30,
                                             0xC9, 0x5F, 0x97, 0x02, 0xEB, 0x64,
                                             0x3C, 0xD8, 0x15, 0xAF };
    const request_certid_t certid = { .serial = { nobodys, sizeof(nobodys) } };
    ocsp_responder_query_t query = authority_query(authority, &certid);
    ocsp_responder_status_t status = { .reason = 0 };
    const char *why;

    return source->source->look_up(source->instance, call, &query, &status,
                                   &why)
        == OCSP_RESPONDER_LOOKUP_DONE;
}

static const char *try_ca(health_t *health, responder_t *responder,
                          const ocsp_responder_call_t *call,
                          const authority_t *authority)
{
    const char *why = NULL;

    if (!source_answers(responder_parts(responder)->source, call, authority)) {
        responder_doubt(responder);
        return "the source of certificate statuses does not answer";
    }
    if (authority->signer && signer_try(call->pool, authority->signer, &why))
        health->trials++;
    return why;
}

/* Whether its last certificate has expired, and nobody makes it a new one. */
static int is_retired(const config_t *config, const authority_t *authority,
                      apr_time_t now)
{
    return authority->ca.is_retired && config_cert_is_auto(config)
        && authority->signer && now > authority->signer->not_after;
}

/* Of all the CAs of a database there may be some that nobody answers for any
 * more: they have ended, were never given a key, or are disabled. */
static int is_out_of_use(const config_t *config, const authority_t *authority)
{
    const apr_time_t now = apr_time_now();

    return config_ca_is_all(config)
        && (now > authority->issuer->not_after
            || authority->fault == AUTHORITY_NO_PAIR
            || is_retired(config, authority, now));
}

static void check_authority(health_t *health, responder_t *responder,
                            const ocsp_responder_call_t *call,
                            const authority_t *authority)
{
    const config_t *config = responder_parts(responder)->config;
    const char *why = NULL;

    if (is_out_of_use(config, authority))
        return;
    health->cas++;
    health->known++;
    if (authority->signer || !config_presigned(config))
        why = why_not(authority->signer, apr_time_now());
    if (!why && is_tried(health))
        why = try_ca(health, responder, call, authority);
    if (why)
        fault(health, "CA ", authority->issuer->serial, why);
}

/* -- one responder --------------------------------------------------------- */

/* Whether there is time to make the next CA's key ready, if it is not. */
static int is_its_turn(const health_t *health)
{
    return (apr_uint32_t)health->cas >= health->next && !health->late
        && apr_time_now() - health->began <= INTERVALS_HEALTH;
}

static void check_entry(health_t *health, responder_t *responder,
                        const ocsp_responder_call_t *call,
                        const ca_entry_t *entry)
{
    authorities_t *authorities = responder_authorities(responder);
    ocsp_responder_lookup_t result;
    const char *why = NULL;
    int is_turn = is_its_turn(health);
    const authority_t *authority = is_turn
        ? authorities_get(authorities, call, entry, &result, &why)
        : authorities_known(authorities, call->pool, entry);

    if (authority && authority->issuer) {
        check_authority(health, responder, call, authority);
        return;
    }
    health->cas++;
    if (is_turn)
        fault(health, "CA ", entry->serial, authority ? authority->why : why);
}

static void health_visit(void *context, request_rec *r, responder_t *responder)
{
    health_t *health = context;
    const ocsp_responder_call_t call = { .pool = r->pool,
                                         .server = r->server,
                                         .deadline =
                                             health->began + INTERVALS_HEALTH };
    ocsp_responder_lookup_t result;
    const char *why = NULL;
    const ca_set_t *set = responder_cas(responder, &call, 0, &result, &why);
    int i;

    if (!set) {
        log_debug(r, "health: %s", why);
        fault(health, "OCSPResponderCA ",
              responder_parts(responder)->config->ca,
              "its CAs cannot be looked up");
        return;
    }
    for (i = 0; i < set->count; i++)
        check_entry(health, responder, &call, &set->entries[i]);
}

/* -- the answer ------------------------------------------------------------ */

static int is_in_maintenance(request_rec *r)
{
    apr_finfo_t info;

    return apr_stat(&info, ap_runtime_dir_relative(r->pool, HEALTH_MAINTENANCE),
                    APR_FINFO_TYPE, r->pool)
        == APR_SUCCESS;
}

static void health_check(health_t *health)
{
    request_rec *r = health->r;

    health->began = apr_time_now();
    health->next = apr_atomic_read32(&next_ca);
    if (is_in_maintenance(r)) {
        fault(health, "maintenance", "",
              "there is a file " HEALTH_MAINTENANCE
              " in the runtime directory");
        return;
    }
    responders_each(r, health_visit, health);
    if (!health->cas && !health->reasons->nelts)
        fault(health, "no CA", "", "there is none with a key to answer for");
    if (health->cas && !health->known && !health->reasons->nelts)
        fault(health, "all CAs", "",
              "what signs for them cannot be read in time");
    if (!health->late)
        apr_atomic_set32(&next_ca, 0);
}

static void write_body(const health_t *health)
{
    request_rec *r = health->r;
    int i;

    ap_rprintf(r,
               "{\"healthy\": %s, \"cas\": %d, \"signed\": %d, "
               "\"reasons\": [",
               health->reasons->nelts ? "false" : "true", health->cas,
               health->trials);
    for (i = 0; i < health->reasons->nelts; i++)
        ap_rprintf(
            r, "%s%s", i ? ", " : "",
            json_string(r->pool,
                        APR_ARRAY_IDX(health->reasons, i, const char *)));
    ap_rputs("]}\n", r);
}

static int health_handle(request_rec *r)
{
    health_t health = { .r = r };

    if (!r->handler || strcmp(r->handler, LOCATION_HEALTH) != 0)
        return DECLINED;
    if (r->method_number != M_GET)
        return http_send_allow(r, HTTP_PAGE_METHODS);
    health.reasons = apr_array_make(r->pool, 4, sizeof(char *));
    health_check(&health);
    if (health.reasons->nelts)
        r->status = HTTP_SERVICE_UNAVAILABLE;
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    ap_set_content_type(r, "application/json");
    write_body(&health);
    return OK;
}

void health_register_hooks(void)
{
    ap_hook_handler(health_handle, NULL, NULL, APR_HOOK_REALLY_FIRST + 1);
}
