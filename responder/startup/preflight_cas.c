/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/preflight_cas.h"

#include "apr_strings.h"

#include "base/calendar.h"
#include "ocsp/expiry.h"
#include "serve/authority.h"
#include "serve/ca_set.h"
#include "startup/answer_size.h"
#include "startup/profile.h"

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
                     config_cert_is_auto(reporter->parts->config)
                         ? "responder certificate"
                         : "OCSPResponderCert",
                     authority->issuer->serial,
                     APR_ARRAY_IDX(authority->warnings, i, const char *));
}

/* What children tell too is in their words, so that the log has it once. */
static void report_expiry(const reporter_t *reporter, const char *ca,
                          X509 *certificate)
{
    const int is_auto = config_cert_is_auto(reporter->parts->config);
    expiry_t expiry = expiry_of(certificate, is_auto, apr_time_now());
    const char *text = expiry_text(reporter->pool, expiry, ca, certificate);

    if (text)
        report_write(reporter, REPORT_IS_EXPIRY + (int)expiry, REPORT_AT_CERT,
                     "%s%s", is_auto ? "" : "OCSPResponderCert: ", text);
}

/* An error is what the administrator wrote; what the source's own keys are is
 * the work of data and time. */
static int kind_of_fault(const config_t *config, const authority_t *authority)
{
    int is_written = authority->fault == AUTHORITY_BAD_KEY
        ? !config_key_is_auto(config)
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
    const config_t *config = reporter->parts->config;
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

static void report_cas(const reporter_t *reporter, const ca_set_t *cas,
                       const apr_array_header_t *authorities)
{
    const int is_all = config_ca_is_all(reporter->parts->config);
    const int mute =
        is_mute(authorities) && !config_presigned(reporter->parts->config);
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
    if (is_all && cas->count + cas->unreadable->nelts == 0)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CA,
                     "OCSPResponderCA *: there is no CA yet; requests are "
                     "answered unauthorized until there is one");
    for (i = 0; is_all && i < cas->unreadable->nelts; i++)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CA, "%s",
                     APR_ARRAY_IDX(cas->unreadable, i, const char *));
    note_nameless(reporter, authorities);
}

/* -- what is asked about each CA ------------------------------------------- */

static apr_array_header_t *make_authorities(const authority_means_t *means,
                                            const ca_set_t *cas,
                                            const ocsp_responder_call_t *call,
                                            const char **why)
{
    apr_array_header_t *list =
        apr_array_make(call->pool, cas->count, sizeof(authority_t *));
    int i;

    for (i = 0; i < cas->count; i++) {
        const authority_t *made;

        if (authority_create(&made, call->pool, means, &cas->entries[i], call,
                             why)
            != OCSP_RESPONDER_LOOKUP_DONE)
            return NULL;
        APR_ARRAY_PUSH(list, const authority_t *) = made;
    }
    return list;
}

/* A responder certificate that its own database has as revoked; and a CA in a
 * file that the database does not know, or has another in the place of. */
static void check_revocation(const reporter_t *reporter,
                             const ocsp_responder_call_t *call,
                             const authority_t *authority)
{
    const registry_source_t *source = reporter->parts->source;
    const ASN1_INTEGER *serial =
        X509_get0_serialNumber(authority->signer->certificate);
    const request_certid_t certid = {
        .serial = { ASN1_STRING_get0_data(serial),
                    (apr_size_t)ASN1_STRING_length(serial) }
    };
    const ocsp_responder_query_t query = authority_query(authority, &certid);
    ocsp_responder_status_t status = { .cert_status = OCSP_RESPONDER_UNKNOWN };
    ocsp_responder_lookup_t result;
    const char *why;

    if (!authority->delegated && !authority->is_file)
        return;
    result =
        source->source->look_up(source->instance, call, &query, &status, &why);
    if (result == OCSP_RESPONDER_LOOKUP_FAILED && authority->is_file)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CA,
                     "OCSPResponderCA: no status can be found: %s", why);
    if (authority->delegated && result == OCSP_RESPONDER_LOOKUP_DONE
        && status.cert_status == OCSP_RESPONDER_REVOKED)
        report_write(reporter, REPORT_IS_REVOKED, REPORT_AT_CERT,
                     "CA %s: the responder certificate %s is revoked, as its "
                     "own database has it; make a new key and certificate",
                     authority->issuer->serial, authority->signer->serial);
}

/* What is final would outlive a revocation. */
static void check_end(const reporter_t *reporter, const authority_t *authority)
{
    const config_t *config = reporter->parts->config;
    const issuer_t *issuer = authority->issuer;

    if (config_never_expires(config)
        && !authority_is_final(authority, apr_time_now()))
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CA,
                     "OCSPResponderExpires never: CA %s is valid until %s (by "
                     "the last certificate of its name and key); before that "
                     "its answers are valid for %d seconds",
                     issuer->serial,
                     calendar_http_date(reporter->pool, authority->end),
                     config_expires(config, authority->ca.validity));
}

static void check_authorities(const reporter_t *reporter,
                              const ocsp_responder_call_t *call,
                              const ca_set_t *cas)
{
    const responder_parts_t *parts = reporter->parts;
    const authority_means_t means = { .config = parts->config,
                                      .source = parts->source,
                                      .pair = parts->credentials };
    const char *why = NULL, *size;
    const apr_array_header_t *list = make_authorities(&means, cas, call, &why);
    int i;

    if (!list) {
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CA, "%s", why);
        return;
    }
    report_cas(reporter, cas, list);
    for (i = 0; i < list->nelts; i++) {
        const authority_t *authority =
            APR_ARRAY_IDX(list, i, const authority_t *);

        if (!authority->issuer || !authority->signer)
            continue;
        check_revocation(reporter, call, authority);
        size = answer_size_text(call->pool, authority);
        if (size)
            report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CERT, "%s",
                         size);
        check_end(reporter, authority);
        profile_check(reporter, call, authority);
    }
}

void preflight_cas_check_pair(const reporter_t *reporter)
{
    const credentials_t *pair = reporter->parts->credentials;

    if (pair && pair->certificate)
        report_expiry(reporter, NULL, pair->certificate);
}

/* What the configuration itself has is known without the CA, too. */
void preflight_cas_check(const reporter_t *reporter,
                         const ocsp_responder_call_t *call)
{
    const responder_parts_t *parts = reporter->parts;
    const ca_set_t *cas = NULL;
    const char *why = NULL;
    ocsp_responder_lookup_t result =
        ca_set_load(&cas, call->pool, parts->config, parts->source, call, &why);

    if (result != OCSP_RESPONDER_LOOKUP_DONE) {
        report_write(reporter,
                     result == OCSP_RESPONDER_LOOKUP_UNAVAILABLE
                         ? REPORT_IS_WARNING
                         : REPORT_IS_ERROR,
                     REPORT_AT_CA, "%s", why);
        preflight_cas_check_pair(reporter);
    }
    else if (parts->credentials)
        check_authorities(reporter, call, cas);
}
