/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/report.h"

#include <unistd.h>

#include "apr_strings.h"

#include "ocsp/expiry.h"

void report_write(const reporter_t *reporter, int kind, int at,
                  const char *format, ...)
{
    char line[REPORT_LINE_MAX], *text, *at_break;
    va_list args;
    int length;

    text = line
        + apr_snprintf(line, sizeof(line), "%d %c%c ", reporter->number, kind,
                       at);
    va_start(args, format);
    apr_vsnprintf(text, line + sizeof(line) - 1 - text, format, args);
    va_end(args);
    for (at_break = text; *at_break; at_break++)
        if (*at_break == '\n' || *at_break == '\r')
            *at_break = ' ';
    if (reporter->record) {
        const report_line_t made = {
            kind, at, apr_pstrdup(reporter->record->pool, text)
        };

        APR_ARRAY_PUSH(reporter->record, report_line_t) = made;
    }
    *at_break++ = '\n';
    length = (int)(at_break - line);
    if (write(reporter->out, line, length) != length)
        _exit(1);
}

void report_again(const reporter_t *reporter, const apr_array_header_t *record)
{
    int i;

    for (i = 0; i < record->nelts; i++) {
        const report_line_t *line = &APR_ARRAY_IDX(record, i, report_line_t);

        report_write(reporter, line->kind, line->at, "%s", line->text);
    }
}

static int place_of_fault(const authority_t *authority)
{
    return authority->fault == AUTHORITY_BAD_CERT ? REPORT_AT_CERT
                                                  : REPORT_AT_KEY;
}

/* What clients may not like of a certificate that may sign. */
static void warn_of_signer(const reporter_t *reporter,
                           const authority_t *authority)
{
    int i;

    for (i = 0; authority->signer && i < authority->warnings->nelts; i++)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CERT,
                     "%s for CA %s: %s",
                     config_cert_is_auto(reporter->config)
                         ? "responder certificate"
                         : "OCSPResponderCert",
                     authority->issuer->serial,
                     APR_ARRAY_IDX(authority->warnings, i, const char *));
}

/* What children tell too is in their words, so that the log has it once. */
void report_expiry(const reporter_t *reporter, const char *ca,
                   const X509 *certificate)
{
    static const int kinds[] = { [EXPIRY_EXPIRED] = REPORT_IS_EXPIRED,
                                 [EXPIRY_NOT_YET] = REPORT_IS_NOT_YET,
                                 [EXPIRY_ENDING] = REPORT_IS_ENDING,
                                 [EXPIRY_LASTS] = 0 };
    const int is_auto = config_cert_is_auto(reporter->config);
    expiry_t expiry = expiry_of(certificate, is_auto, apr_time_now());
    const char *text = expiry_text(reporter->pool, expiry, ca, certificate);

    if (text)
        report_write(reporter, kinds[expiry], REPORT_AT_CERT, "%s%s",
                     is_auto ? "" : "OCSPResponderCert: ", text);
}

/* Whether the source's own keys are in files that it was not told where. */
static int lacks_storage(const config_t *config, const authority_t *authority)
{
    return !config->storage && strstr(authority->why, "OCSPResponderStorage");
}

/* An error is what the administrator wrote; what the source's own keys are is
 * the work of data and time. */
static int kind_of_fault(const config_t *config, const authority_t *authority)
{
    int is_written = authority->fault == AUTHORITY_BAD_KEY
        ? !config_key_is_auto(config) || lacks_storage(config, authority)
        : authority->fault == AUTHORITY_BAD_CERT ? !config_cert_is_auto(config)
        : authority->fault == AUTHORITY_BAD_AUTO
        ? 1
        : !config_key_is_auto(config) && !config_cert_is_auto(config);

    return is_written ? REPORT_IS_ERROR : REPORT_IS_WARNING;
}

/* Where one pair is for many CAs it need not be every CA's, and nobody makes a
 * new one for a CA that has ended. mute: nobody signs for any of them, though
 * somebody should. */
static void report_signer(const reporter_t *reporter,
                          const authority_t *authority, int mute)
{
    const config_t *config = reporter->config;
    const char *serial = authority->issuer->serial;
    const int is_all = config_ca_is_all(config);

    warn_of_signer(reporter, authority);
    if (authority->signer) {
        if (!is_all || authority->issuer->not_after > apr_time_now())
            report_expiry(reporter, serial, authority->signer->certificate);
    }
    else if (mute || authority->fault != AUTHORITY_NO_PAIR)
        report_write(reporter,
                     mute || !is_all ? kind_of_fault(config, authority)
                                     : REPORT_IS_WARNING,
                     place_of_fault(authority), "CA %s: %s", serial,
                     authority->why);
}

/* Whether nobody signs for any of them. */
static int is_mute(const apr_array_header_t *list)
{
    int i;

    for (i = 0; i < list->nelts; i++)
        if (APR_ARRAY_IDX(list, i, const authority_t *)->signer)
            return 0;
    return list->nelts > 0;
}

static int is_nameless(const authority_t *authority)
{
    return authority->issuer && authority->signer && authority->delegated
        && X509_NAME_entry_count(
               X509_get_subject_name(authority->signer->certificate))
        == 0;
}

/* In one line, as django-ca makes those of all its CAs alike. */
static void note_nameless(const reporter_t *reporter,
                          const apr_array_header_t *list)
{
    const char *first = NULL, *more;
    int count = 0, i;

    for (i = 0; i < list->nelts; i++) {
        const authority_t *authority =
            APR_ARRAY_IDX(list, i, const authority_t *);

        if (is_nameless(authority) && count++ == 0)
            first = authority->issuer->serial;
    }
    if (!first)
        return;
    more = count > 1
        ? apr_psprintf(reporter->pool, " (and for %d more)", count - 1)
        : "";
    report_write(reporter, REPORT_IS_NAMELESS, REPORT_AT_CERT,
                 "OCSPResponderCert: the responder certificate for CA %s%s has "
                 "no subject, as those that django-ca makes itself, so Java "
                 "and GnuPG refuse its answers; where they matter, give the CA "
                 "a location of its own with OCSPResponderKey and "
                 "OCSPResponderCert of a pair whose certificate has a subject",
                 first, more);
}

void report_cas(const reporter_t *reporter, const ca_set_t *cas,
                const apr_array_header_t *authorities)
{
    const int is_all = config_ca_is_all(reporter->config);
    const int mute =
        is_mute(authorities) && !config_presigned(reporter->config);
    int i;

    for (i = 0; i < authorities->nelts; i++) {
        const authority_t *authority =
            APR_ARRAY_IDX(authorities, i, const authority_t *);

        if (authority->issuer)
            report_signer(reporter, authority, mute);
        else if (is_all)
            report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CA, "CA %s: %s",
                         cas->entries[i].serial, authority->why);
        else
            report_write(reporter, REPORT_IS_ERROR, REPORT_AT_CA,
                         "OCSPResponderCA: %s", authority->why);
    }
    for (i = 0; is_all && i < cas->unreadable->nelts; i++)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CA, "%s",
                     APR_ARRAY_IDX(cas->unreadable, i, const char *));
    note_nameless(reporter, authorities);
}
