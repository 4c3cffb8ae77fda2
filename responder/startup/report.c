/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/report.h"

#include <unistd.h>

#include "apr_strings.h"

void report_write(const reporter_t *teller, int kind, int at, const char *text)
{
    char line[REPORT_LINE_MAX], *at_break;
    int length = apr_snprintf(line, sizeof(line) - 1, "%d %c%c %s",
                              teller->number, kind, at, text);

    for (at_break = line; *at_break; at_break++)
        if (*at_break == '\n' || *at_break == '\r')
            *at_break = ' ';
    line[length++] = '\n';
    if (write(teller->out, line, length) != length)
        _exit(1);
}

static int place_of_fault(const authority_t *authority)
{
    return authority->fault == AUTHORITY_BAD_CERT ? REPORT_AT_CERT
                                                  : REPORT_AT_KEY;
}

/* What clients may not like of a certificate that may sign. */
static void warn_of_signer(const reporter_t *teller, apr_pool_t *pool,
                           const config_t *config, const authority_t *authority)
{
    int i;

    for (i = 0; authority->issuer && authority->signer
         && i < authority->warnings->nelts;
         i++)
        report_write(
            teller, REPORT_IS_WARNING, REPORT_AT_CERT,
            apr_psprintf(pool, "%s for CA %s: %s",
                         config_cert_is_auto(config) ? "responder certificate"
                                                     : "OCSPResponderCert",
                         authority->issuer->serial,
                         APR_ARRAY_IDX(authority->warnings, i, const char *)));
}

/* The one CA of a location. */
static void judge_one(const reporter_t *teller, apr_pool_t *pool,
                      const config_t *config, const authority_t *authority,
                      apr_time_t now)
{
    if (!authority->issuer) {
        report_write(teller, REPORT_IS_ERROR, REPORT_AT_CA, authority->why);
        return;
    }
    if (authority->fault == AUTHORITY_NO_PAIR && config_presigned(config))
        return;
    warn_of_signer(teller, pool, config, authority);
    if (!authority->signer)
        report_write(teller, REPORT_IS_ERROR, place_of_fault(authority),
                     authority->why);
    else if (config_cert_is_auto(config) && !authority_may_sign(authority, now))
        report_write(teller, REPORT_IS_WARNING, REPORT_AT_CERT,
                     "django-ca's responder certificate has expired or is not "
                     "yet valid; requests are answered internalError");
}

/* What is wrong with one of many is no reason to stop them all; unless it is so
 * with all. */
static int kind_for_all(const config_t *config, const apr_array_header_t *list)
{
    int i;

    for (i = 0; i < list->nelts; i++)
        if (APR_ARRAY_IDX(list, i, const authority_t *)->signer)
            return REPORT_IS_WARNING;
    return config_presigned(config) ? REPORT_IS_WARNING : REPORT_IS_ERROR;
}

static void judge_all(const reporter_t *teller, apr_pool_t *pool,
                      const config_t *config, const ca_set_t *cas,
                      const apr_array_header_t *list)
{
    int kind = kind_for_all(config, list), i;

    for (i = 0; i < list->nelts; i++) {
        const authority_t *authority =
            APR_ARRAY_IDX(list, i, const authority_t *);

        warn_of_signer(teller, pool, config, authority);
        if (!authority->issuer)
            report_write(teller, REPORT_IS_WARNING, REPORT_AT_CA,
                         apr_psprintf(pool, "CA %s: %s", cas->entries[i].serial,
                                      authority->why));
        else if (!authority->signer
                 && (authority->fault != AUTHORITY_NO_PAIR
                     || kind == REPORT_IS_ERROR))
            report_write(teller, kind, place_of_fault(authority),
                         apr_psprintf(pool, "CA %s: %s",
                                      authority->issuer->serial,
                                      authority->why));
    }
    for (i = 0; i < cas->unreadable->nelts; i++)
        report_write(teller, REPORT_IS_WARNING, REPORT_AT_CA,
                     APR_ARRAY_IDX(cas->unreadable, i, const char *));
}

void report_cas(const reporter_t *teller, apr_pool_t *pool,
                const config_t *config, const ca_set_t *cas,
                const apr_array_header_t *authorities)
{
    if (config_ca_is_all(config))
        judge_all(teller, pool, config, cas, authorities);
    else
        judge_one(teller, pool, config,
                  APR_ARRAY_IDX(authorities, 0, const authority_t *),
                  apr_time_now());
}
