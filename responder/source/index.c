/* SPDX-License-Identifier: Apache-2.0 */
#include "source/builtin.h"

#include "apr_strings.h"
#include "http_config.h"

#include "source/index/index_file.h"
#include "base/instances.h"
#include "source/file_check.h"
#include "source/watcher.h"

typedef struct {
    const char *path;
    watched_file_t *file; /* its value is an index_file_t */
    watcher_t *watcher;
} index_t;

static void index_parse(apr_pool_t *pool, bytes_t text,
                        watched_file_content_t *content)
{
    const index_file_t *index = index_file_parse(pool, text);

    content->value = index;
    if (!index) {
        content->why = "there is not enough memory for it";
        return;
    }
    content->count = index_file_rows(index);
    content->is_whole = index_file_is_whole(index);
    content->why = index_file_fault(index, pool);
}

/* -- configuration --------------------------------------------------------- */

/* Finds out which file is meant. NULL, or what is wrong. */
static const char *index_read_settings(
    apr_pool_t *pool, const ocsp_responder_settings_t *settings,
    const char **path)
{
    const char *rest = settings->arguments;
    const char *name = ap_getword_conf(pool, &rest);

    if (!*name || *rest)
        return "OCSPResponderSource index takes the path of one index.txt";
    if (!ap_os_is_path_absolute(pool, settings->ca))
        return apr_psprintf(pool,
                            "OCSPResponderSource index has no certificates, so "
                            "OCSPResponderCA must be the absolute path of the "
                            "CA's certificate, which \"%s\" is not",
                            settings->ca);
    *path = ap_server_root_relative(pool, name);
    return *path
        ? NULL
        : apr_psprintf(pool, "%s is not a path that can be read", name);
}

static index_t *index_make(apr_pool_t *pool, const char *path)
{
    index_t *index = apr_pcalloc(pool, sizeof(*index));

    index->path = path;
    index->file = watched_file_create(pool, path, NULL, index_parse);
    index->watcher = watcher_create(pool, "index");
    if (!index->file)
        return NULL;
    watcher_add(index->watcher, index->file);
    return index;
}

static const char *index_configure(apr_pool_t *pool, struct server_rec *server,
                                   const ocsp_responder_settings_t *settings,
                                   void **instance)
{
    const char *path = NULL;
    const char *why = index_read_settings(pool, settings, &path);

    (void)server;
    if (why)
        return why;
    *instance = instances_find(pool, "index", path);
    if (!*instance)
        *instance = instances_add(pool, "index", path, index_make(pool, path));
    return *instance ? NULL : "there is not enough memory to read the file";
}

static void index_check(void *instance, const ocsp_responder_call_t *call,
                        const ocsp_responder_reporter_t *reporter)
{
    const index_t *index = instance;
    const index_file_t *file;
    const char *why;

    watcher_check(index->watcher, call, reporter);
    file = watcher_value(index->watcher, index->file, call->pool, &why);
    if (file && index_file_is_other(file))
        reporter->report(reporter, file_check_severity(),
                         OCSP_RESPONDER_AT_SOURCE,
                         apr_psprintf(call->pool,
                                      "OCSPResponderSource index %s: it is no "
                                      "index.txt, as none of its rows has six "
                                      "fields with a serial",
                                      index->path));
}

/* -- requests -------------------------------------------------------------- */

static void index_child_init(void *instance, apr_pool_t *pool,
                             struct server_rec *server)
{
    index_t *index = instance;

    watcher_start(index->watcher, pool, server, NULL, NULL);
}

static const char *with_path(const index_t *index, apr_pool_t *pool,
                             const char *text)
{
    return apr_pstrcat(pool, index->path, ": ", text, NULL);
}

static ocsp_responder_lookup_t index_look_up(
    void *instance, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_status_t *status,
    const char **why)
{
    const index_t *index = instance;
    const bytes_t serial = { query->serial, query->serial_len };
    const index_file_t *file =
        watcher_value(index->watcher, index->file, call->pool, why);
    ocsp_responder_lookup_t found = OCSP_RESPONDER_LOOKUP_UNAVAILABLE;

    if (file)
        found = index_file_status(file, call->pool, serial, status, why);
    if (found != OCSP_RESPONDER_LOOKUP_DONE) {
        *why = with_path(index, call->pool, *why);
    }
    else if (status->warning) {
        status->warning_id = "OCSP0603";
        status->warning = with_path(index, call->pool, status->warning);
    }
    return found;
}

/* Nothing in a row tells whether it is a CA's, or what its certificate is. */
static ocsp_responder_lookup_t index_find_objection(
    void *instance, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_objection_t what,
    const char **serial, const char **why)
{
    const index_t *index = instance;
    const index_file_t *file =
        watcher_value(index->watcher, index->file, call->pool, why);

    (void)query;
    *serial = "any";
    if (what == OCSP_RESPONDER_WITHOUT_HASH)
        return OCSP_RESPONDER_LOOKUP_DONE;
    if (!file)
        return OCSP_RESPONDER_LOOKUP_FAILED;
    if (what == OCSP_RESPONDER_ON_HOLD) {
        *serial = index_file_held(file, call->pool);
        return OCSP_RESPONDER_LOOKUP_DONE;
    }
    *serial = NULL;
    *why = BUILTIN_TELLS_NO_CAS;
    return index_file_has_reasons(file) ? OCSP_RESPONDER_LOOKUP_DONE
                                        : OCSP_RESPONDER_LOOKUP_FAILED;
}

const ocsp_responder_source_t index_source = {
    .name = "index",
    .configure = index_configure,
    .check = index_check,
    .child_init = index_child_init,
    .look_up = index_look_up,
    .find_objection = index_find_objection,
};
