/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/preflight.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apr_strings.h"
#include "unixd.h"

#include "serve/ca_set.h"
#include "httpd/findings.h"
#include "startup/report.h"
#include "httpd/log.h"
#include "ocsp/key_uri.h"

/* A database or a token may hang. */
#define PATIENCE 10 /* seconds */

/* How long a source may take for what it is asked first. */
#define PATIENCE_WITH_SOURCE apr_time_from_sec(5)

typedef struct {
    const section_t *section;
    responder_parts_t parts;
} probe_t;

apr_array_header_t *preflight_begin(apr_pool_t *pool)
{
    return apr_array_make(pool, 4, sizeof(probe_t));
}

void preflight_add(apr_array_header_t *probes, const section_t *section,
                   const responder_parts_t *parts)
{
    probe_t probe = { .section = section, .parts = *parts };

    APR_ARRAY_PUSH(probes, probe_t) = probe;
}

/* -- in the probing process ------------------------------------------------ */

/* As whom httpd's child processes run. */
static int become_user(void)
{
    if (geteuid() != 0 || ap_unixd_config.user_id == 0)
        return 1;
    return initgroups(ap_unixd_config.user_name, ap_unixd_config.group_id) == 0
        && setgid(ap_unixd_config.group_id) == 0
        && setuid(ap_unixd_config.user_id) == 0;
}

/* -- the CAs and who signs for them ---------------------------------------- */

/* A token that is away may come back. */
static const credentials_t *open_token(const reporter_t *teller,
                                       apr_pool_t *pool, const config_t *config,
                                       const credentials_t *pair)
{
    const char *why = NULL;
    key_uri_result_t result = KEY_URI_ABSENT;
    const credentials_t *opened;

    if (!credentials_has_token(config))
        return pair;
    opened = credentials_open(pool, config, pair, &result, &why);
    if (!opened)
        report_write(teller,
                     result == KEY_URI_ABSENT ? REPORT_IS_WARNING
                                              : REPORT_IS_ERROR,
                     REPORT_AT_KEY, why);
    return opened;
}

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

/* Without a pair the CA alone is looked for: its other faults are known. */
static void check_cas(const reporter_t *teller, const responder_parts_t *parts,
                      const ocsp_responder_call_t *call)
{
    static const unsigned char token_secret[AUTHORITY_DIGEST];
    const authority_means_t means = { .config = parts->config,
                                      .source = parts->source,
                                      .pair = parts->credentials,
                                      .token_secret = token_secret };
    const apr_array_header_t *authorities;
    const ca_set_t *cas;
    const char *why = NULL;
    ocsp_responder_lookup_t result = ca_set_load(
        &cas, call->pool, parts->config, parts->source, call, NULL, &why);

    if (result != OCSP_RESPONDER_LOOKUP_DONE) {
        report_write(teller,
                     result == OCSP_RESPONDER_LOOKUP_UNAVAILABLE
                         ? REPORT_IS_WARNING
                         : REPORT_IS_ERROR,
                     REPORT_AT_CA, why);
        return;
    }
    if (!parts->credentials)
        return;
    authorities = make_authorities(&means, cas, call, &why);
    if (authorities)
        report_cas(teller, call->pool, parts->config, cas, authorities);
    else
        report_write(teller, REPORT_IS_WARNING, REPORT_AT_CA, why);
}

/* -- one location ---------------------------------------------------------- */

static void check_storage(const reporter_t *teller, apr_pool_t *pool,
                          const config_t *config)
{
    apr_finfo_t info;
    apr_status_t status;

    if (!config->storage)
        return;
    status = apr_stat(&info, config->storage, APR_FINFO_TYPE, pool);
    if (status == APR_SUCCESS && info.filetype != APR_DIR)
        status = APR_ENOTDIR;
    if (status == APR_SUCCESS && access(config->storage, X_OK) != 0)
        status = APR_FROM_OS_ERROR(errno);
    if (status != APR_SUCCESS)
        report_write(teller, REPORT_IS_ERROR, REPORT_AT_STORAGE,
                     apr_psprintf(pool,
                                  "OCSPResponderStorage: the user that httpd "
                                  "runs as cannot look into %s: %pm",
                                  config->storage, &status));
}

/* What a source tells goes the way of all findings. */
typedef struct {
    ocsp_responder_reporter_t face; /* what it sees: first */
    const reporter_t *teller;
    int errors;
} source_reporter_t;

static void report_of_source(const ocsp_responder_reporter_t *face,
                             ocsp_responder_severity_t severity,
                             ocsp_responder_place_t at, const char *text)
{
    static const int places[] = { [OCSP_RESPONDER_AT_SOURCE] = REPORT_AT_SOURCE,
                                  [OCSP_RESPONDER_AT_CA] = REPORT_AT_CA,
                                  [OCSP_RESPONDER_AT_STORAGE] =
                                      REPORT_AT_STORAGE };
    source_reporter_t *reporter = (source_reporter_t *)face;
    int is_error = severity != OCSP_RESPONDER_WARNING;

    reporter->errors += is_error;
    report_write(reporter->teller,
                 is_error ? REPORT_IS_ERROR : REPORT_IS_WARNING, places[at],
                 text);
}

/* 1 when it is worth asking. */
static int check_source(const reporter_t *teller,
                        const responder_parts_t *parts,
                        const ocsp_responder_call_t *call)
{
    source_reporter_t reporter = { { report_of_source }, teller, 0 };
    const registry_source_t *source = parts->source;

    if (source->source->check)
        source->source->check(source->instance, call, &reporter.face);
    return !reporter.errors;
}

static void probe_one(const reporter_t *teller, apr_pool_t *pool,
                      const probe_t *probe)
{
    responder_parts_t parts = probe->parts;
    ocsp_responder_call_t call = { .pool = pool,
                                   .server = parts.server,
                                   .deadline =
                                       apr_time_now() + PATIENCE_WITH_SOURCE };

    check_storage(teller, pool, parts.config);
    if (parts.credentials)
        parts.credentials =
            open_token(teller, pool, parts.config, parts.credentials);
    if (check_source(teller, &parts, &call))
        check_cas(teller, &parts, &call);
}

static void probe_all(int out, const apr_array_header_t *probes)
{
    int i;

    signal(SIGALRM, SIG_DFL);
    if (!become_user())
        return;
    for (i = 0; i < probes->nelts; i++) {
        reporter_t teller = { out, i };

        alarm(PATIENCE);
        probe_one(&teller, probes->pool, &APR_ARRAY_IDX(probes, i, probe_t));
    }
}

/* -- in the process that reads the configuration --------------------------- */

static const config_place_t *place(const probe_t *probe, int at)
{
    const config_t *config = probe->section->config;

    if (at == REPORT_AT_CERT && config->cert_at)
        return config->cert_at;
    if (at == REPORT_AT_KEY && config->key_at)
        return config->key_at;
    if (at == REPORT_AT_SOURCE && config->source_at)
        return config->source_at;
    if (at == REPORT_AT_STORAGE && config->storage_at)
        return config->storage_at;
    return config->ca_at;
}

static void read_line(const apr_array_header_t *probes,
                      apr_array_header_t *findings, const char *line)
{
    char kind, at;
    int number, used = 0;

    if (sscanf(line, "%d %c%c %n", &number, &kind, &at, &used) < 3 || !used
        || number < 0 || number >= probes->nelts)
        return;
    findings_add(findings, kind == REPORT_IS_ERROR ? APLOG_ERR : APLOG_WARNING,
                 kind == REPORT_IS_ERROR ? "OCSP0106" : "OCSP0107",
                 place(&APR_ARRAY_IDX(probes, number, probe_t), at),
                 line + used);
}

static void read_findings(int in, const apr_array_header_t *probes,
                          apr_array_header_t *findings)
{
    FILE *stream = fdopen(in, "r");
    char line[REPORT_LINE_MAX + 1];

    while (stream && fgets(line, sizeof(line), stream)) {
        line[strcspn(line, "\n")] = '\0';
        read_line(probes, findings, line);
    }
    if (stream)
        fclose(stream);
}

/* A process that did not end by itself has met a database that hangs, or a
 * driver that crashes. */
static void judge_end(int status, const apr_array_header_t *probes,
                      apr_array_header_t *findings)
{
    const section_t *first = APR_ARRAY_IDX(probes, 0, probe_t).section;

    if (WIFSIGNALED(status))
        findings_add(findings, APLOG_WARNING, "OCSP0108", first->config->ca_at,
                     WTERMSIG(status) == SIGALRM
                         ? "the database does not answer"
                         : "the database driver crashed while it was probed");
}

void preflight_run(const apr_array_header_t *probes,
                   apr_array_header_t *findings)
{
    int ends[2], status = 0;
    pid_t child;

    if (probes->nelts == 0 || pipe(ends) != 0)
        return;
    child = fork();
    if (child == 0) {
        close(ends[0]);
        probe_all(ends[1], probes);
        _exit(0);
    }
    close(ends[1]);
    read_findings(ends[0], probes, findings);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child > 0)
        judge_end(status, probes, findings);
}
