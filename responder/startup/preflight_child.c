/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/preflight_child.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "apr_strings.h"
#include "http_main.h"
#include "mpm_common.h"

#include "base/intervals.h"
#include "ocsp/key_uri.h"
#include "ocsp/token_uri.h"
#include "startup/preflight_cas.h"

/* What was found of a source or of CAs, which is true of every location that
 * has them so, too. */
typedef struct {
    apr_array_header_t *lines; /* report_line_t; NULL: nothing yet */
    apr_interval_time_t spent; /* on a source, by all locations */
} found_t;

/* What CAs were looked at with, without padding. The same text is the same
 * pointer. */
typedef struct {
    const registry_source_t *source;
    const credentials_t *credentials;
    const config_t *profiled;
    const char *ca, *digest;
    int flags[4];
} looked_at_t;

/* A login that was tried in vain: it is not tried for another key of the same
 * token. */
typedef struct {
    const char *token; /* as token_uri_token() has it */
    bytes_t passphrase;
    const char *why;
} login_t;

typedef struct {
    const preflight_list_t *list;
    apr_hash_t *found; /* found_t, by registry_source_t * and by looked_at_t */
    apr_array_header_t *refused; /* login_t */
} finder_t;

/* With the rights of httpd's child processes, and below their root. Whoever is
 * not root has no others. */
static int become_child(apr_pool_t *pool)
{
    return geteuid() != 0 || ap_run_drop_privileges(pool, ap_server_conf) == OK;
}

/* Whoever looks again at what has been looked at does nothing that may hang. */
static void preflight_child_begin(const reporter_t *reporter)
{
    report_write(reporter, REPORT_BEGINS, REPORT_AT_CA, "%s", "");
    alarm(INTERVALS_PREFLIGHT_LOCATION);
}

static void report_unseen(const reporter_t *reporter)
{
    report_write(reporter, REPORT_IS_UNSEEN, REPORT_AT_CA, "%s", "");
}

/* Zeroed where nothing was found yet. */
static found_t *recall(const finder_t *finder, const void *key,
                       apr_ssize_t size)
{
    apr_pool_t *pool = finder->list->pool;
    found_t *found = apr_hash_get(finder->found, key, size);

    if (!found) {
        found = apr_pcalloc(pool, sizeof(*found));
        apr_hash_set(finder->found, apr_pmemdup(pool, key, (apr_size_t)size),
                     size, found);
    }
    return found;
}

/* Reports what was found before; 0 if nothing was: then reporter records what
 * is found now. */
static int preflight_child_is_known(found_t *found, reporter_t *reporter)
{
    if (found->lines) {
        report_again(reporter, found->lines);
        return 1;
    }
    /* That it begins is not what is found: nobody is told again. */
    preflight_child_begin(reporter);
    found->lines = reporter->record =
        apr_array_make(reporter->pool, 0, sizeof(report_line_t));
    return 0;
}

/* -- one location ---------------------------------------------------------- */

static void check_storage(const reporter_t *reporter)
{
    const char *folder = reporter->parts->config->storage;
    apr_finfo_t info;
    apr_status_t status;

    if (!folder)
        return;
    preflight_child_begin(reporter);
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
    report_write(((const source_reporter_t *)face)->reporter,
                 severity == OCSP_RESPONDER_WARNING ? REPORT_IS_WARNING
                                                    : REPORT_IS_ERROR,
                 (int)at, "%s", text);
}

/* Locations that use one source share what is found of it. 1 when it is worth
 * asking. */
static int preflight_child_check_source(found_t *found,
                                        const reporter_t *reporter,
                                        const ocsp_responder_call_t *call)
{
    const registry_source_t *source = reporter->parts->source;
    reporter_t recording = *reporter;
    const source_reporter_t adapter = { { report_of_source }, &recording };
    const int was_known = preflight_child_is_known(found, &recording);
    int i;

    if (!was_known && source->source->check)
        source->source->check(source->instance, call, &adapter.face);
    for (i = 0; i < found->lines->nelts; i++)
        if (APR_ARRAY_IDX(found->lines, i, report_line_t).kind
            == REPORT_IS_ERROR)
            return 0;
    /* One that has taken all the time there is does not answer. */
    if (was_known || apr_time_now() < call->deadline)
        return 1;
    report_unseen(reporter);
    return 0;
}

/* Locations that say the same share what is found of their CAs. */
static void check_cas(const finder_t *finder, const reporter_t *reporter,
                      const ocsp_responder_call_t *call)
{
    const responder_parts_t *parts = reporter->parts;
    const config_t *config = parts->config;
    const looked_at_t looked_at = {
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

    if (!preflight_child_is_known(recall(finder, &looked_at, sizeof(looked_at)),
                                  &recording))
        preflight_cas_check(&recording, call);
}

/* What the source says, and what is known without it. */
static void ask_source(const finder_t *finder, const reporter_t *reporter)
{
    const responder_parts_t *parts = reporter->parts;
    const apr_time_t began = apr_time_now();
    const ocsp_responder_call_t call = { .pool = reporter->pool,
                                         .server = parts->server,
                                         .deadline = began
                                             + INTERVALS_PREFLIGHT_SOURCE };
    found_t *found = recall(finder, &parts->source, sizeof(parts->source));
    const int has_time = !finder->list->is_test
        || found->spent <= INTERVALS_PREFLIGHT_SOURCE_IN_ALL;

    if (!has_time)
        report_unseen(reporter);
    if (has_time && preflight_child_check_source(found, reporter, &call))
        check_cas(finder, reporter, &call);
    else
        preflight_cas_check_pair(reporter);
    found->spent += apr_time_now() - began;
}

/* -- keys in tokens -------------------------------------------------------- */

/* Why a login is not tried again; NULL: it may be. */
static const char *refused_before(const apr_array_header_t *refused,
                                  const login_t *login)
{
    int i;

    for (i = 0; i < refused->nelts; i++) {
        const login_t *each = &APR_ARRAY_IDX(refused, i, login_t);

        if (strcmp(each->token, login->token) == 0
            && bytes_equal(each->passphrase, login->passphrase))
            return each->why;
    }
    return NULL;
}

/* The pair with its key out of its token; NULL where that fails, which is
 * reported. */
static const credentials_t *preflight_child_open_token(
    const reporter_t *reporter, apr_array_header_t *refused)
{
    const config_t *config = reporter->parts->config;
    const credentials_t *pair = reporter->parts->credentials, *opened = NULL;
    login_t login = { token_uri_token(reporter->pool, config->key),
                      pair->passphrase, NULL };
    key_uri_result_t result = KEY_URI_REFUSED;

    login.why = refused_before(refused, &login);
    if (!login.why) {
        opened =
            credentials_open(reporter->pool, config, pair, &result, &login.why);
        if (result == KEY_URI_REFUSED || result == KEY_URI_DOUBTED)
            APR_ARRAY_PUSH(refused, login_t) = login;
    }
    /* A token that is away may come back, and one that fails may work. */
    if (!opened)
        report_write(reporter,
                     result == KEY_URI_ABSENT || result == KEY_URI_DOUBTED
                         ? REPORT_IS_WARNING
                         : REPORT_IS_ERROR,
                     REPORT_AT_KEY, "%s", login.why);
    return opened;
}

/* -------------------------------------------------------------------------- */

static void check_location(const finder_t *finder, responder_parts_t parts,
                           int number, int out)
{
    const preflight_list_t *list = finder->list;
    const reporter_t reporter = {
        .out = out, .number = number, .pool = list->pool, .parts = &parts
    };

    if (apr_hash_get(list->hung, &parts.source, sizeof(parts.source))) {
        report_unseen(&reporter);
        return;
    }
    check_storage(&reporter);
    /* A running server has the token open. */
    if (parts.credentials && list->is_test
        && credentials_has_token(parts.config)) {
        preflight_child_begin(&reporter);
        parts.credentials =
            preflight_child_open_token(&reporter, finder->refused);
    }
    ask_source(finder, &reporter);
}

void preflight_child_run(const preflight_list_t *list, int out, int first)
{
    const finder_t finder = { list, apr_hash_make(list->pool),
                              apr_array_make(list->pool, 2, sizeof(login_t)) };
    int i, may_look = become_child(list->pool);

    signal(SIGALRM, SIG_DFL);
    key_uri_ask_nobody();
    for (i = first; may_look && i < list->locations->nelts; i++)
        check_location(&finder,
                       APR_ARRAY_IDX(list->locations, i, responder_parts_t), i,
                       out);
    _exit(0);
}
