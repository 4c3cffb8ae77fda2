/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/response_times.h"

#include "base/calendar.h"

static apr_time_t earlier(apr_time_t a, apr_time_t b)
{
    return a < b ? a : b;
}

static apr_time_t whole_seconds(apr_time_t time)
{
    return time - time % APR_USEC_PER_SEC;
}

/* 0 in a status is no bound. */
static apr_time_t bounded(apr_time_t time, apr_time_t bound)
{
    return bound ? earlier(time, whole_seconds(bound)) : time;
}

/* What begins later than producedAt, as the CA's may when clocks differ, does
 * not count. */
static apr_time_t not_before(apr_time_t time, apr_time_t start, apr_time_t now)
{
    return time < start && start <= now ? start : time;
}

static apr_time_t this_update(const issuer_t *issuer, const signer_t *signer,
                              apr_time_t now, apr_int64_t backdate)
{
    apr_time_t time = now - apr_time_from_sec(backdate);

    time = not_before(time, issuer->not_before, now);
    return not_before(time, signer->not_before, now);
}

static apr_time_t next_update(const issuer_t *issuer, const signer_t *signer,
                              apr_time_t now, apr_int64_t validity)
{
    apr_time_t limit = signer->not_after;

    if (validity == RESPONSE_FOR_EVER)
        return apr_time_from_sec(CALENDAR_LAST);
    if (issuer->not_after > now)
        limit = earlier(limit, issuer->not_after);
    /* Compared before it is added, so that nothing can overflow. */
    if (validity >= apr_time_sec(limit - now))
        return limit;
    return now + apr_time_from_sec(validity);
}

const char *response_times(response_times_t *times, const issuer_t *issuer,
                           const signer_t *signer, const response_span_t *span,
                           const ocsp_responder_status_t *statuses, int count)
{
    const apr_time_t now = whole_seconds(span->now);
    int i;

    if (now < signer->not_before || now >= signer->not_after)
        return "the responder certificate has expired or is not yet valid; "
               "replace it";
    times->produced_at = now;
    times->this_update = this_update(issuer, signer, now, span->backdate);
    times->next_update = next_update(issuer, signer, now, span->validity);
    for (i = 0; i < count; i++) {
        times->this_update =
            bounded(times->this_update, statuses[i].this_update);
        times->next_update =
            bounded(times->next_update, statuses[i].next_update);
    }
    return times->next_update > now
        ? NULL
        : "what the status source knows was true until an instant that has "
          "passed; renew it";
}
