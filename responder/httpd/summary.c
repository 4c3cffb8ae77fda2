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

/* What nobody has set before: a table looks for an old value through all that
 * begin with the same letter. */
static void summary_add(request_rec *r, const char *name, const char *value)
{
    apr_table_addn(r->notes, name, value);
    apr_table_addn(r->subprocess_env, name, value);
}

static void add_hex(request_rec *r, const char *name, bytes_t bytes)
{
    if (bytes.data)
        summary_add(r, name,
                    apr_pescape_hex(r->pool, bytes.data, bytes.len, 0));
}

static void add_time(request_rec *r, const char *name,
                     apr_interval_time_t microseconds)
{
    if (microseconds > 0)
        summary_add(r, name, apr_off_t_toa(r->pool, microseconds));
}

static const char *made_how(const facts_t *facts)
{
    return facts->error ? NULL : facts->made;
}

/* RFC 3339. */
static void add_produced_at(request_rec *r, apr_time_t when)
{
    char *text;

    if (!when)
        return;
    text = calendar_text(r->pool, apr_time_sec(when));
    text[10] = 'T';
    summary_add(r, "OCSP_PRODUCED_AT", apr_pstrcat(r->pool, text, "Z", NULL));
}

static void add_request(request_rec *r, const request_t *request)
{
    add_hex(r, "OCSP_ISSUER_HASH", request->certids[0].key_hash);
    add_hex(r, "OCSP_NONCE", request->nonce);
}

static const char *summary_note(const request_rec *r, const char *name)
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
    if (facts->signed_why)
        return apr_pstrcat(r->pool, "signed as ", facts->signed_why, NULL);
    return apr_psprintf(r->pool, "%s at the age of %" APR_TIME_T_FMT " s", how,
                        apr_time_sec(apr_time_now() - facts->produced_at));
}

static void trace(request_rec *r, const facts_t *facts)
{
    log_debug(r,
              "%s: %s in %" APR_TIME_T_FMT " us: CA %s, serial %s, %s; looked "
              "up in %" APR_TIME_T_FMT " us, signed in %" APR_TIME_T_FMT " us",
              r->method, summary_note(r, "OCSP_STATUS"),
              apr_time_now() - r->request_time, summary_note(r, "OCSP_CA"),
              summary_note(r, "OCSP_SERIAL"), making(r, facts),
              facts->looked_up, facts->signed_in);
}

static int summarize(request_rec *r)
{
    const facts_t *facts;

    if (!location_is_ours(r))
        return DECLINED;
    facts = facts_of(r);
    if (facts->request)
        add_request(r, facts->request);
    if (made_how(facts)) {
        summary_add(r, "OCSP_MADE", made_how(facts));
        add_produced_at(r, facts->produced_at);
    }
    add_time(r, "OCSP_LOOKUP_US", facts->looked_up);
    add_time(r, "OCSP_SIGN_US", facts->signed_in);
    if (!apr_table_get(r->notes, "OCSP_STATUS"))
        summary_add(r, "OCSP_STATUS",
                    apr_psprintf(r->pool, "HTTP %d", r->status));
    if (log_is_tracing(r))
        trace(r, facts);
    return DECLINED;
}

void summary_register_hooks(void)
{
    ap_hook_log_transaction(summarize, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
