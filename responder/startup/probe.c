/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/probe.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "apr_strings.h"
#include "unixd.h"

#include "base/calendar.h"
#include "ocsp/key_uri.h"
#include "serve/authority.h"
#include "serve/ca_set.h"
#include "startup/answer_size.h"
#include "startup/objection.h"
#include "startup/probe_record.h"
#include "startup/probe_token.h"
#include "startup/profile.h"
#include "startup/report.h"

/* How long one location may take: a database, a token or a folder may hang. */
#define PATIENCE 10 /* seconds */

/* How long a source may take for a location, and for all of a test. */
#define PATIENCE_WITH_SOURCE apr_time_from_sec(5)
#define PATIENCE_IN_ALL      apr_time_from_sec(10)

typedef struct {
    const probe_list_t *list;
    /* What was found, as report_line_t, by what it was found of. */
    apr_hash_t *records;
    apr_array_header_t *refused; /* probe_login_t */
} finder_t;

/* As whom httpd's child processes run. */
static int become_user(void)
{
    if (geteuid() != 0 || ap_unixd_config.user_id == 0)
        return 1;
    return initgroups(ap_unixd_config.user_name, ap_unixd_config.group_id) == 0
        && setgid(ap_unixd_config.group_id) == 0
        && setuid(ap_unixd_config.user_id) == 0;
}

/* Whoever probes again what has been looked at does nothing that may hang. */
static void begin(const reporter_t *reporter)
{
    report_write(reporter, REPORT_BEGINS, REPORT_AT_CA, "%s", "");
    alarm(PATIENCE);
}

/* -- the CAs and who signs for them ---------------------------------------- */

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

/* A responder certificate that its own database has as revoked. */
static void check_revocation(const reporter_t *reporter,
                             const responder_parts_t *parts,
                             const ocsp_responder_call_t *call,
                             const authority_t *authority)
{
    const registry_source_t *source = parts->source;
    const ASN1_INTEGER *serial =
        X509_get0_serialNumber(authority->signer->certificate);
    const request_certid_t certid = {
        .serial = { ASN1_STRING_get0_data(serial),
                    (apr_size_t)ASN1_STRING_length(serial) }
    };
    const ocsp_responder_query_t query = authority_query(authority, &certid);
    ocsp_responder_status_t status = { OCSP_RESPONDER_UNKNOWN };
    const char *why;

    if (!authority->delegated)
        return;
    if (source->source->look_up(source->instance, call, &query, &status, &why)
            == OCSP_RESPONDER_LOOKUP_DONE
        && status.cert_status == OCSP_RESPONDER_REVOKED)
        report_write(reporter, REPORT_IS_REVOKED, REPORT_AT_CERT,
                     "CA %s: the responder certificate %s is revoked, as its "
                     "own database has it; make a new key and certificate",
                     authority->issuer->serial, authority->signer->serial);
}

/* What is final would outlive a revocation. */
static void check_end(const reporter_t *reporter, const authority_t *authority)
{
    const config_t *config = reporter->config;
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

static void check_profile(const reporter_t *reporter,
                          const responder_parts_t *parts,
                          const ocsp_responder_call_t *call,
                          const authority_t *authority)
{
    const apr_array_header_t *faults =
        profile_faults(call, parts->config, parts->source, authority);
    /* The profile that demands hashes says so itself. */
    const char *hash =
        config_profile(parts->config) == config_profiles[CONFIG_GEMATIK]
        ? NULL
        : objection_to_hashes(call, parts->config, parts->source, authority);
    int i;

    if (hash)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_SOURCE, "%s", hash);
    for (i = 0; i < faults->nelts; i++)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_PROFILE, "%s",
                     APR_ARRAY_IDX(faults, i, const char *));
}

static void check_authorities(const reporter_t *reporter,
                              const responder_parts_t *parts,
                              const ocsp_responder_call_t *call,
                              const ca_set_t *cas)
{
    static const unsigned char token_secret[AUTHORITY_DIGEST];
    const authority_means_t means = { .config = parts->config,
                                      .source = parts->source,
                                      .pair = parts->credentials,
                                      .token_secret = token_secret };
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
        check_revocation(reporter, parts, call, authority);
        size = answer_size_text(call->pool, authority);
        if (size)
            report_write(reporter, REPORT_IS_WARNING, REPORT_AT_CERT, "%s",
                         size);
        check_end(reporter, authority);
        check_profile(reporter, parts, call, authority);
    }
}

/* What is known without the CA. */
static void check_pair(const reporter_t *reporter, const credentials_t *pair)
{
    if (pair && pair->certificate)
        report_expiry(reporter, NULL, pair->certificate);
}

/* Without a pair the CA alone is looked for: its other faults are known. What
 * the configuration itself has is known without the CA, too. */
static void check_cas(const reporter_t *reporter,
                      const responder_parts_t *parts,
                      const ocsp_responder_call_t *call)
{
    const credentials_t *pair = parts->credentials;
    const ca_set_t *cas;
    const char *why = NULL;
    ocsp_responder_lookup_t result = ca_set_load(
        &cas, call->pool, parts->config, parts->source, call, NULL, &why);

    if (result != OCSP_RESPONDER_LOOKUP_DONE) {
        report_write(reporter,
                     result == OCSP_RESPONDER_LOOKUP_UNAVAILABLE
                         ? REPORT_IS_WARNING
                         : REPORT_IS_ERROR,
                     REPORT_AT_CA, "%s", why);
        check_pair(reporter, pair);
    }
    else if (pair)
        check_authorities(reporter, parts, call, cas);
}

/* -- one location ---------------------------------------------------------- */

static void check_storage(const reporter_t *reporter)
{
    const char *folder = reporter->config->storage;
    apr_finfo_t info;
    apr_status_t status;

    if (!folder)
        return;
    begin(reporter);
    status = apr_stat(&info, folder, APR_FINFO_TYPE, reporter->pool);
    if (status == APR_SUCCESS && info.filetype != APR_DIR)
        status = APR_ENOTDIR;
    if (status == APR_SUCCESS && access(folder, X_OK) != 0)
        status = APR_FROM_OS_ERROR(errno);
    if (status != APR_SUCCESS)
        report_write(reporter, REPORT_IS_ERROR, REPORT_AT_STORAGE,
                     "OCSPResponderStorage: the user that httpd runs as cannot "
                     "look into %s: %pm",
                     folder, &status);
}

/* What a source tells goes the way of all findings. */
typedef struct {
    ocsp_responder_reporter_t face; /* what it sees: first */
    const reporter_t *reporter;
} source_reporter_t;

static void report_of_source(const ocsp_responder_reporter_t *face,
                             ocsp_responder_severity_t severity,
                             ocsp_responder_place_t at, const char *text)
{
    static const int places[] = { [OCSP_RESPONDER_AT_SOURCE] = REPORT_AT_SOURCE,
                                  [OCSP_RESPONDER_AT_CA] = REPORT_AT_CA,
                                  [OCSP_RESPONDER_AT_STORAGE] =
                                      REPORT_AT_STORAGE,
                                  [OCSP_RESPONDER_AT_DATABASE] =
                                      REPORT_AT_DATABASE };
    const source_reporter_t *adapter = (const source_reporter_t *)face;

    report_write(adapter->reporter,
                 severity == OCSP_RESPONDER_WARNING ? REPORT_IS_WARNING
                                                    : REPORT_IS_ERROR,
                 places[at], "%s", text);
}

static void check_source(const reporter_t *reporter,
                         const responder_parts_t *parts,
                         const ocsp_responder_call_t *call)
{
    source_reporter_t adapter = { { report_of_source }, reporter };
    const registry_source_t *source = parts->source;

    if (source->source->check)
        source->source->check(source->instance, call, &adapter.face);
}

/* -- what was found before ------------------------------------------------- */

static void report_unseen(const reporter_t *reporter)
{
    report_write(reporter, REPORT_IS_UNSEEN, REPORT_AT_CA, "%s", "");
}

/* Sections that use one source share what is found of it. 1 when it is worth
 * asking. */
static int probe_source(finder_t *finder, const reporter_t *reporter,
                        const responder_parts_t *parts,
                        const ocsp_responder_call_t *call)
{
    const probe_record_key_t probed = { .source = parts->source };
    reporter_t recording = *reporter;
    int is_new, i;
    apr_array_header_t *record = recording.record =
        probe_record(finder->list->pool, finder->records, &probed, &is_new);

    if (is_new) {
        begin(reporter);
        check_source(&recording, parts, call);
    }
    else
        report_again(reporter, record);
    for (i = 0; i < record->nelts; i++)
        if (APR_ARRAY_IDX(record, i, report_line_t).kind == REPORT_IS_ERROR)
            return 0;
    /* One that has taken all the time there is does not answer. */
    if (!is_new || apr_time_now() < call->deadline)
        return 1;
    report_unseen(reporter);
    return 0;
}

/* Sections that say the same share what is found of their CAs. */
static void probe_cas(finder_t *finder, const reporter_t *reporter,
                      const responder_parts_t *parts,
                      const ocsp_responder_call_t *call)
{
    const config_t *config = parts->config;
    const probe_record_key_t probed = {
        .source = parts->source,
        .credentials = parts->credentials,
        /* A profile is about all settings. */
        .profiled = config_profile(config) ? config : NULL,
        .ca = config->ca,
        .digest = config_digest(config),
        .flags = { config_never_expires(config), config_key_is_auto(config),
                   config_cert_is_auto(config), config_presigned(config) }
    };
    reporter_t recording = *reporter;
    int is_new;

    recording.record =
        probe_record(finder->list->pool, finder->records, &probed, &is_new);
    if (is_new) {
        begin(reporter);
        check_cas(&recording, parts, call);
    }
    else
        report_again(reporter, recording.record);
}

/* What the source says, and what is known without it. */
static void ask_source(finder_t *finder, const reporter_t *reporter,
                       const responder_parts_t *parts)
{
    const apr_time_t began = apr_time_now();
    ocsp_responder_call_t call = { .pool = finder->list->pool,
                                   .server = parts->server,
                                   .deadline = began + PATIENCE_WITH_SOURCE };
    apr_interval_time_t *spent =
        probe_record_spent(call.pool, finder->records, parts->source);
    const int has_time = !finder->list->is_test || *spent <= PATIENCE_IN_ALL;

    if (!has_time)
        report_unseen(reporter);
    if (has_time && probe_source(finder, reporter, parts, &call))
        probe_cas(finder, reporter, parts, &call);
    else
        check_pair(reporter, parts->credentials);
    *spent += apr_time_now() - began;
}

static void probe_one(finder_t *finder, const reporter_t *reporter,
                      const probe_t *probe)
{
    responder_parts_t parts = probe->parts;

    check_storage(reporter);
    /* A running server has the token open. */
    if (parts.credentials && finder->list->is_test
        && credentials_has_token(reporter->config)) {
        begin(reporter);
        parts.credentials =
            probe_token_open(reporter, parts.credentials, finder->refused);
    }
    ask_source(finder, reporter, &parts);
}

void probe_run(const probe_list_t *list, int out, int first)
{
    finder_t finder = { list, apr_hash_make(list->pool),
                        apr_array_make(list->pool, 2, sizeof(probe_login_t)) };
    int i, may_look = become_user();

    signal(SIGALRM, SIG_DFL);
    key_uri_ask_nobody();
    for (i = first; may_look && i < list->probes->nelts; i++) {
        const probe_t *probe = &APR_ARRAY_IDX(list->probes, i, probe_t);
        const reporter_t reporter = { .out = out,
                                      .number = i,
                                      .pool = list->pool,
                                      .config = probe->parts.config };

        if (apr_hash_get(list->hung, &probe->parts.source, sizeof(void *)))
            report_unseen(&reporter);
        else
            probe_one(&finder, &reporter, probe);
    }
    _exit(0);
}
