/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apr_dbd.h"
#include "apr_strings.h"
#include "unixd.h"

#include "connection.h"
#include "dbd.h"
#include "enrol.h"
#include "findings.h"
#include "log.h"

/* A driver may wait for ever. */
#define PATIENCE 10 /* seconds */

typedef struct {
    const section_t *section;
    const pair_t *pair;
} probe_t;

/* What the probing process tells: a line a finding. */
enum { AT_CA = 'a', AT_KEY = 'k', AT_CERT = 'c' };
enum { IS_ERROR = 'E', IS_WARNING = 'W' };
#define LINE_MAX_OCTETS 2000

apr_array_header_t *probe_begin(apr_pool_t *pool)
{
    return apr_array_make(pool, 4, sizeof(probe_t));
}

void probe_add(apr_array_header_t *probes, const section_t *section,
               const pair_t *pair)
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

static void tell(int out, int number, int kind, int at, const char *text)
{
    char line[LINE_MAX_OCTETS], *at_break;
    int length = apr_snprintf(line, sizeof(line) - 1, "%d %c%c %s", number,
                              kind, at, text);

    for (at_break = line; *at_break; at_break++)
        if (*at_break == '\n' || *at_break == '\r')
            *at_break = ' ';
    line[length++] = '\n';
    if (write(out, line, length) != length)
        _exit(1);
}

/* Before it is opened, as that would create it. */
static const char *check_sqlite(apr_pool_t *pool,
                                const dbd_settings_t *settings)
{
    const char *file = connection_file(pool, settings->params);

    if (strncmp(settings->driver, "sqlite", 6) != 0 || !file)
        return NULL;
    if (access(file, F_OK) != 0 && errno == ENOENT)
        return apr_psprintf(pool, "DBDParams: the SQLite file %s does not "
                            "exist", file);
    if (access(file, R_OK) != 0)
        return apr_psprintf(pool, "DBDParams: the SQLite file %s cannot be "
                            "read by the user that httpd runs as (%s)", file,
                            strerror(errno));
    return NULL;
}

typedef struct {
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
} opened_t;

static dbd_result_t ask(void *context, apr_pool_t *pool, const char *sql,
                        int columns, schema_rows_t *rows, const char **why)
{
    const opened_t *opened = context;
    int error = dbd_run(opened->driver, opened->handle, pool, sql,
                        columns, rows);

    if (error == 0)
        return DBD_OK;
    *why = apr_psprintf(pool, "the query failed: %s",
                        apr_dbd_error(opened->driver, opened->handle,
                                      error));
    return DBD_REFUSED;
}

static int connect_to(opened_t *opened, apr_pool_t *pool,
                      const dbd_settings_t *settings, const char **why)
{
    const char *error = NULL;

    apr_dbd_init(pool);
    if (apr_dbd_get_driver(pool, settings->driver, &opened->driver)
        || apr_dbd_open_ex(opened->driver, pool, settings->params,
                           &opened->handle, &error)) {
        *why = apr_psprintf(pool, "the database cannot be opened: %s",
                            error ? error : "no reason given");
        return 0;
    }
    return 1;
}

/* Without a pair the CA alone is looked for: its other faults are known. */
static void check_authority(int out, int number, apr_pool_t *pool,
                            const enrol_database_t *database,
                            const schema_t *schema, const probe_t *probe)
{
    const config_t *config = probe->section->config;
    const config_place_t *at;
    dbd_result_t result = DBD_OK;
    const char *why = NULL;
    static const pair_t none;

    if (enrol(pool, database, schema, config, probe->pair ? probe->pair : &none,
              &result, &at, &why))
        return;
    if (!probe->pair && at != config->ca_at)
        return;
    tell(out, number, IS_ERROR,
         at == config->cert_at && at != config->ca_at ? AT_CERT : AT_CA, why);
}

/* A server that does not answer may only be down, and a lock will go; an SQLite
 * file that cannot be used stays so. */
static void tell_failure(int out, int number, apr_pool_t *pool,
                         const dbd_settings_t *settings, const char *why)
{
    const char *file = connection_file(pool, settings->params);
    int is_sqlite = strncmp(settings->driver, "sqlite", 6) == 0 && file;

    if (is_sqlite && !ap_strstr_c(why, "locked"))
        tell(out, number, IS_ERROR, AT_CA,
             apr_psprintf(pool, "DBDParams: the SQLite file %s: %s", file,
                          why));
    else
        tell(out, number, IS_WARNING, AT_CA, why);
}

static void probe_one(int out, int number, apr_pool_t *pool,
                      const probe_t *probe)
{
    dbd_settings_t settings;
    opened_t opened;
    enrol_database_t database = { ask, &opened };
    const engine_t *engine;
    const schema_t *schema;
    schema_rows_t columns;
    const char *why;

    dbd_settings(probe->section->server, &settings);
    engine = engine_find(settings.driver);
    why = check_sqlite(pool, &settings);
    if (why) {
        tell(out, number, IS_ERROR, AT_CA, why);
        return;
    }
    if (!connect_to(&opened, pool, &settings, &why)
        || ask(&opened, pool, engine->columns,
               SCHEMA_COLUMNS_WIDTH, &columns, &why) != DBD_OK) {
        tell_failure(out, number, pool, &settings, why);
        return;
    }
    schema = schema_recognise(pool, engine, columns, &why);
    if (schema)
        check_authority(out, number, pool, &database, schema, probe);
    else
        tell(out, number, IS_ERROR, AT_CA, why);
}

static void probe_all(int out, const apr_array_header_t *probes)
{
    int i;

    signal(SIGALRM, SIG_DFL);
    alarm(PATIENCE);
    if (!become_user())
        return;
    for (i = 0; i < probes->nelts; i++)
        probe_one(out, i, probes->pool, &APR_ARRAY_IDX(probes, i, probe_t));
}

/* -- in the process that reads the configuration --------------------------- */

static const config_place_t *place(const probe_t *probe, int at)
{
    const config_t *config = probe->section->config;

    if (at == AT_CERT && config->cert_at)
        return config->cert_at;
    if (at == AT_KEY && config->key_at)
        return config->key_at;
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
    findings_add(findings, kind == IS_ERROR ? APLOG_ERR : APLOG_WARNING,
                 kind == IS_ERROR ? "OCSP0106" : "OCSP0107",
                 place(&APR_ARRAY_IDX(probes, number, probe_t), at),
                 line + used);
}

static void read_findings(int in, const apr_array_header_t *probes,
                          apr_array_header_t *findings)
{
    FILE *stream = fdopen(in, "r");
    char line[LINE_MAX_OCTETS + 1];

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
        findings_add(findings, APLOG_WARNING, "OCSP0108",
                     first->config->ca_at,
                     WTERMSIG(status) == SIGALRM
                     ? "the database does not answer"
                     : "the database driver crashed while it was probed");
}

void probe_run(const apr_array_header_t *probes, apr_array_header_t *findings)
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
