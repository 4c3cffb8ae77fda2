/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/preflight.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apr_strings.h"
#include "unixd.h"

#include "serve/ca_set.h"
#include "db/database.h"
#include "db/query.h"
#include "httpd/findings.h"
#include "startup/report.h"
#include "httpd/log.h"
#include "ocsp/key_uri.h"

/* How long a probe may take; a token may hang. */
#define PATIENCE 10 /* seconds */

/* How long a query may take, connecting included. */
#define QUERY_PATIENCE apr_time_from_sec(5)

typedef struct {
    const section_t *section;
    const credentials_t *pair;
} probe_t;

apr_array_header_t *preflight_begin(apr_pool_t *pool)
{
    return apr_array_make(pool, 4, sizeof(probe_t));
}

void preflight_add(apr_array_header_t *probes, const section_t *section,
                   const credentials_t *pair)
{
    probe_t probe = { .section = section, .pair = pair };

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

/* Before it is opened, so that the message names what is wrong. */
static const char *check_sqlite(apr_pool_t *pool,
                                const database_settings_t *settings)
{
    const char *file = database_file(pool, settings);
    apr_finfo_t info;

    if (!file)
        return NULL;
    if (access(file, F_OK) != 0 && errno == ENOENT)
        return apr_psprintf(pool,
                            "DBDParams: the SQLite file %s does not "
                            "exist",
                            file);
    if (apr_stat(&info, file, APR_FINFO_SIZE, pool) == APR_SUCCESS
        && info.size == 0)
        return apr_psprintf(pool,
                            "DBDParams: the SQLite file %s is empty: there is "
                            "no table " TABLE_CERTIFICATES,
                            file);
    if (access(file, R_OK) != 0)
        return apr_psprintf(pool,
                            "DBDParams: the SQLite file %s cannot be "
                            "read by the user that httpd runs as (%s)",
                            file, strerror(errno));
    return NULL;
}

static query_result_t ask(server_rec *server, apr_pool_t *pool, const char *sql,
                          int columns, db_rows_t *rows, const char **why)
{
    const db_query_t query = { .text = sql, .columns = columns };

    return query_run(server, pool, &query, apr_time_now() + QUERY_PATIENCE,
                     rows, why);
}

/* -- the CAs and who signs for them ---------------------------------------- */

typedef struct {
    server_rec *server;
    const schema_t *schema;
} asked_t;

static query_result_t ask_for(void *context, apr_pool_t *pool,
                              schema_cache_sql_t make_sql, const void *data,
                              int columns, db_rows_t *rows, const char **why)
{
    const asked_t *asked = context;

    return ask(asked->server, pool, make_sql(pool, asked->schema, data),
               columns, rows, why);
}

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

/* Without a pair the CA alone is looked for: its other faults are known. */
static void check_authorities(const reporter_t *teller, apr_pool_t *pool,
                              asked_t *asked, const config_t *config,
                              const credentials_t *pair)
{
    static const unsigned char token_secret[AUTHORITY_DIGEST];
    static const credentials_t none;
    ca_set_source_t source = { .database = { ask_for, asked },
                               .config = config,
                               .pair = pair ? pair : &none,
                               .token_secret = token_secret,
                               .memory = ca_set_cache(pool),
                               .now = apr_time_now() };
    const config_place_t *at;
    query_result_t result = QUERY_OK;
    const char *why = NULL;
    const ca_set_t *cas = ca_set_load(pool, &source, &result, &at, &why);

    if (!cas)
        report_write(teller, REPORT_IS_ERROR,
                     at == config->cert_at && at != config->ca_at
                         ? REPORT_AT_CERT
                         : REPORT_AT_CA,
                     why);
    else if (pair)
        report_cas(teller, pool, config, cas);
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

/* A server that does not answer may only be down, and a lock will go; an SQLite
 * file that cannot be used stays so. */
static void tell_failure(const reporter_t *teller, apr_pool_t *pool,
                         const database_settings_t *settings, const char *why)
{
    const char *file = database_file(pool, settings);

    if (file && !ap_strstr_c(why, "locked"))
        report_write(teller, REPORT_IS_ERROR, REPORT_AT_CA,
                     apr_psprintf(pool, "DBDParams: the SQLite file %s: %s",
                                  file, why));
    else
        report_write(teller, REPORT_IS_WARNING, REPORT_AT_CA, why);
}

static void probe_database(const reporter_t *teller, apr_pool_t *pool,
                           const section_t *section, const credentials_t *pair)
{
    database_settings_t settings;
    asked_t asked = { .server = section->server };
    const dialect_t *engine;
    db_rows_t columns;
    const char *why;

    database_settings(section->server, &settings);
    engine = dialect_find(settings.driver);
    why = check_sqlite(pool, &settings);
    if (why) {
        report_write(teller, REPORT_IS_ERROR, REPORT_AT_CA, why);
        return;
    }
    if (ask(section->server, pool, engine->columns, SCHEMA_COLUMNS_WIDTH,
            &columns, &why)
        != QUERY_OK) {
        tell_failure(teller, pool, &settings, why);
        return;
    }
    asked.schema = schema_recognise(pool, engine, columns, &why);
    if (asked.schema)
        check_authorities(teller, pool, &asked, section->config, pair);
    else
        report_write(teller, REPORT_IS_ERROR, REPORT_AT_CA, why);
}

static void probe_one(const reporter_t *teller, apr_pool_t *pool,
                      const probe_t *probe)
{
    const config_t *config = probe->section->config;
    const credentials_t *pair = probe->pair;

    check_storage(teller, pool, config);
    if (pair)
        pair = open_token(teller, pool, config, pair);
    probe_database(teller, pool, probe->section, pair);
}

static void probe_all(int out, const apr_array_header_t *probes,
                      server_rec *servers)
{
    int i;

    signal(SIGALRM, SIG_DFL);
    if (!become_user())
        return;
    database_child_init(probes->pool, servers);
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

void preflight_run(const apr_array_header_t *probes, server_rec *servers,
                   apr_array_header_t *findings)
{
    int ends[2], status = 0;
    pid_t child;

    if (probes->nelts == 0 || pipe(ends) != 0)
        return;
    child = fork();
    if (child == 0) {
        close(ends[0]);
        probe_all(ends[1], probes, servers);
        _exit(0);
    }
    close(ends[1]);
    read_findings(ends[0], probes, findings);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child > 0)
        judge_end(status, probes, findings);
}
