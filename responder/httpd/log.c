/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/log.h"

#include "apr_atomic.h"
#include "apr_hash.h"
#include "apr_strings.h"

#include "httpd/counters.h"

APLOG_USE_MODULE(ocsp_responder);

#define INTERVAL 60 /* seconds */

/* What was logged last, and when; a kind is a hash of id and subject. Two kinds
 * in one slot cost a line more now and then, never one less. */
#define SLOTS 256
static struct {
    apr_uint32_t kind;
    apr_uint32_t seconds;
} last_logged[SLOTS];

static int is_due(request_rec *r, const char *id, const char *subject)
{
    apr_ssize_t length = APR_HASH_KEY_STRING;
    apr_uint32_t kind = apr_hashfunc_default(id, &length) * 33, before;
    apr_uint32_t now = (apr_uint32_t)apr_time_sec(r->request_time);
    unsigned slot;

    length = APR_HASH_KEY_STRING;
    kind += apr_hashfunc_default(subject, &length);
    slot = kind % SLOTS;
    before = apr_atomic_read32(&last_logged[slot].seconds);
    if (apr_atomic_xchg32(&last_logged[slot].kind, kind) != kind) {
        apr_atomic_set32(&last_logged[slot].seconds, now);
        return 1;
    }
    if (before && now - before < INTERVAL)
        return 0;
    return apr_atomic_cas32(&last_logged[slot].seconds, now, before) == before;
}

void log_fault(request_rec *r, int level, const char *id, const char *subject,
               const char *format, ...)
{
    va_list args;
    const char *text;

    counters_add_message(id);
    if (!is_due(r, id, subject))
        level = APLOG_DEBUG;
    va_start(args, format);
    text = apr_pvsprintf(r->pool, format, args);
    va_end(args);
    ap_log_rerror(APLOG_MARK, level, 0, r, "%s: %s", id, text);
}

int log_is_tracing(const request_rec *r)
{
    return APLOGrdebug(r);
}

void log_debug(request_rec *r, const char *format, ...)
{
    va_list args;

    if (!log_is_tracing(r))
        return;
    va_start(args, format);
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, "%s",
                  apr_pvsprintf(r->pool, format, args));
    va_end(args);
}
