/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/expiry.h"

#include "apr_strings.h"
#include <openssl/x509v3.h>

#include "base/intervals.h"
#include "base/calendar.h"
#include "ocsp/certificate.h"

expiry_t expiry_of(X509 *certificate, int renews_itself, apr_time_t now)
{
    apr_time_t not_before, not_after;
    apr_interval_time_t ahead;

    if (!certificate_validity(&not_before, &not_after, certificate))
        return EXPIRY_UNREADABLE;
    if (now > not_after)
        return EXPIRY_EXPIRED;
    if (now < not_before)
        return EXPIRY_NOT_YET;
    ahead = X509_check_ca(certificate) ? 0 : (not_after - not_before) / 10 * 3;
    if (!renews_itself && ahead < INTERVALS_ENDING)
        ahead = INTERVALS_ENDING;
    return not_after - now >= ahead               ? EXPIRY_LASTS
        : not_after - now < INTERVALS_ENDING_TOLD ? EXPIRY_TODAY
                                                  : EXPIRY_ENDING;
}

#define ENDS    "ends on ", ", and there is no successor yet; replace it before"
#define ENDS_ID "OCSP0504"

/* What stands before and behind the date. */
static const struct {
    const char *before, *behind;
} texts[] = { [EXPIRY_EXPIRED] = { "expired on ",
                                   ", so it can sign no answer; replace it" },
              [EXPIRY_NOT_YET] = { "is not yet valid, until ",
                                   "; it can sign no answer before" },
              [EXPIRY_TODAY] = { ENDS },
              [EXPIRY_ENDING] = { ENDS },
              [EXPIRY_LASTS] = { NULL, NULL } };

const char *expiry_id(expiry_t expiry)
{
    static const char *const ids[] = { [EXPIRY_EXPIRED] = "OCSP0104",
                                       [EXPIRY_NOT_YET] = "OCSP0105",
                                       [EXPIRY_TODAY] = ENDS_ID,
                                       [EXPIRY_ENDING] = ENDS_ID,
                                       [EXPIRY_LASTS] = NULL };

    return ids[expiry];
}

const char *expiry_text(apr_pool_t *pool, expiry_t expiry, const char *ca,
                        const X509 *certificate)
{
    const char *serial = certificate_serial(pool, certificate);
    apr_time_t not_before, not_after;

    if (!texts[expiry].before || !serial
        || !certificate_validity(&not_before, &not_after, certificate))
        return NULL;
    return apr_pstrcat(
        pool, ca ? "CA " : "", ca ? ca : "", ca ? ": " : "",
        "the responder certificate ", serial, " ", texts[expiry].before,
        calendar_http_date(pool,
                           expiry == EXPIRY_NOT_YET ? not_before : not_after),
        texts[expiry].behind, NULL);
}
