/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/summary.h"

#include "httpd.h"
#include "apr_escape.h"
#include "apr_strings.h"
#include "http_protocol.h"

#include "base/calendar.h"
#include "httpd/facts.h"
#include "httpd/location.h"
#include "httpd/log.h"

static void set(request_rec *r, const char *name, const char *value)
{
    apr_table_setn(r->notes, name, value);
    apr_table_setn(r->subprocess_env, name, value);
}

static void set_hex(request_rec *r, const char *name, bytes_t bytes)
{
    if (bytes.data)
        set(r, name, apr_pescape_hex(r->pool, bytes.data, bytes.len, 0));
}

static void set_time(request_rec *r, const char *name,
                     apr_interval_time_t microseconds)
{
    if (microseconds > 0)
        set(r, name, apr_off_t_toa(r->pool, microseconds));
}

static const char *made_how(const facts_t *facts)
{
    static const char *const names[] = { NULL, "signed", "reused",
                                         "presigned" };

    return facts->error ? NULL : names[facts->made];
}

static void set_produced_at(request_rec *r, apr_time_t when)
{
    int part[CALENDAR_PARTS];

    if (!when)
        return;
    calendar_parts(part, apr_time_sec(when));
    set(r, "OCSP_PRODUCED_AT",
        apr_psprintf(r->pool, "%04d-%02d-%02dT%02d:%02d:%02dZ", part[0],
                     part[1], part[2], part[3], part[4], part[5]));
}

static void set_request(request_rec *r, const request_t *request)
{
    set_hex(r, "OCSP_ISSUER_HASH", request->certids[0].key_hash);
    set_hex(r, "OCSP_NONCE", request->nonce);
}

static const char *note(const request_rec *r, const char *name)
{
    const char *value = apr_table_get(r->notes, name);

    return value ? value : "-";
}

/* How the answer was made and why so, for people. */
static const char *making(request_rec *r, const facts_t *facts)
{
    const char *how = made_how(facts);

    if (!how)
        return "not made";
    if (facts->made == FACTS_MADE_SIGNED)
        return apr_pstrcat(r->pool, "signed as ", facts->signed_why, NULL);
    return apr_psprintf(r->pool, "%s at the age of %" APR_TIME_T_FMT " s", how,
                        apr_time_sec(apr_time_now() - facts->produced_at));
}

static void trace(request_rec *r, const facts_t *facts)
{
    log_debug(r,
              "%s: %s in %" APR_TIME_T_FMT " us: CA %s, serial %s, %s; looked "
              "up in %" APR_TIME_T_FMT " us, signed in %" APR_TIME_T_FMT " us",
              r->method, note(r, "OCSP_STATUS"),
              apr_time_now() - r->request_time, note(r, "OCSP_CA"),
              note(r, "OCSP_SERIAL"), making(r, facts), facts->looked_up,
              facts->signed_in);
}

static int summarize(request_rec *r)
{
    const facts_t *facts;

    if (!location_is_ours(r))
        return DECLINED;
    facts = facts_of(r);
    if (facts->request)
        set_request(r, facts->request);
    if (made_how(facts)) {
        set(r, "OCSP_MADE", made_how(facts));
        set_produced_at(r, facts->produced_at);
    }
    set_time(r, "OCSP_LOOKUP_US", facts->looked_up);
    set_time(r, "OCSP_SIGN_US", facts->signed_in);
    if (!apr_table_get(r->notes, "OCSP_STATUS"))
        set(r, "OCSP_STATUS", apr_psprintf(r->pool, "HTTP %d", r->status));
    if (log_is_tracing(r))
        trace(r, facts);
    return DECLINED;
}

void summary_register_hooks(void)
{
    ap_hook_log_transaction(summarize, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
