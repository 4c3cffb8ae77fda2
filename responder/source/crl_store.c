/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl_store.h"

#include "apr_strings.h"
#include <openssl/x509v3.h>
#include "http_log.h"
#include "base/log_limit.h"
#include "base/snapshot.h"
#include "ocsp/certificate.h"
#include "source/crl/crl_file.h"
#include "source/watcher.h"

APLOG_USE_MODULE(ocsp_responder);

/* An id of messages. */
#define OLDER "OCSP0605"

/* What is known of one CA. */
typedef struct {
    ocsp_responder_ca_t ca;
    const crl_view_t *view;
} known_t;

struct crl_store_t {
    apr_pool_t *pool;
    apr_array_header_t *files; /* of watched_file_t *; values: crl_file_t */
    apr_array_header_t *cas;   /* of crl_store_ca_t * */
    snapshot_t *listed;        /* an array of known_t: the CAs in the files */
    watcher_t *watcher;
    int is_made; /* all that is known has been made of what the files say now */
    server_rec *server; /* whose log it is, in a child process; else NULL */
};

struct crl_store_ca_t {
    crl_store_t *store;
    watched_file_t *file; /* its value is a crl_file_t */
    snapshot_t *place;    /* a crl_view_t */
};

/* -- files ----------------------------------------------------------------- */

static void crl_store_parse(apr_pool_t *pool, bytes_t bytes,
                            watched_file_content_t *content)
{
    const crl_file_t *file = crl_file_parse(pool, bytes, &content->why);

    content->value = file;
    if (!file)
        return;
    content->count =
        (apr_size_t)file->lists->nelts + (apr_size_t)file->certificates->nelts;
    content->is_whole = 1;
    content->why = NULL;
}

static void crl_store_parse_ca(apr_pool_t *pool, bytes_t bytes,
                               watched_file_content_t *content)
{
    const crl_file_t *file;

    crl_store_parse(pool, bytes, content);
    file = content->value;
    if (!file || file->certificates->nelts > 0)
        return;
    content->value = NULL;
    content->why = "there is no certificate in it";
}

/* What the files say; what is returned lives as long as pool. */
static apr_array_header_t *sources_of(const crl_store_t *store,
                                      apr_pool_t *pool)
{
    apr_array_header_t *sources =
        apr_array_make(pool, store->files->nelts + 1, sizeof(crl_source_t));
    int i;

    for (i = 0; i < store->files->nelts; i++) {
        watched_file_t *file = APR_ARRAY_IDX(store->files, i, watched_file_t *);
        crl_source_t *source = apr_array_push(sources);
        const char *why;

        source->path = watched_file_path(file);
        source->file = watched_file_last(file, pool, &why);
    }
    return sources;
}

/* -- what they say of CAs -------------------------------------------------- */

static const known_t *crl_store_find_known(const apr_array_header_t *known,
                                           const char *id)
{
    int i;

    for (i = 0; i < known->nelts; i++) {
        const known_t *one = &APR_ARRAY_IDX(known, i, known_t);

        if (strcmp(one->ca.id, id) == 0)
            return one;
    }
    return NULL;
}

/* 0 when there is not enough memory. */
static int list_one(apr_array_header_t *known, X509 *certificate,
                    const apr_array_header_t *sources)
{
    apr_pool_t *pool = known->pool;
    const char *id = certificate_sha256(pool, certificate);
    known_t *one;

    if (!id || !X509_check_ca(certificate) || crl_store_find_known(known, id))
        return id != NULL;
    one = apr_array_push(known);
    memset(one, 0, sizeof(*one));
    one->ca.id = id;
    one->ca.name = "";
    one->ca.cn = certificate_cn(pool, certificate);
    one->ca.stored = "";
    one->view = crl_view_create(pool, certificate, sources);
    return certificate_der(&one->ca.certificate, pool, certificate)
        && !crl_view_is_unsure(one->view);
}

/* Warns of a CRL that takes back what was revoked, when one that was replaced
 * is put back or replayed. By all processes together. */
static void crl_store_compare(const crl_store_t *store, const crl_view_t *view,
                              const crl_view_t *before)
{
    const char *path = view && before ? crl_view_older(view, before) : NULL;

    if (path && store->server
        && log_limit_allows(OLDER, "", path, apr_time_now()))
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, store->server,
                     OLDER ": crl %s: its CRL is older than the one before it, "
                           "so that what was revoked in between is not revoked "
                           "any more; unless you have put it back, somebody "
                           "replays it",
                     path);
}

static void compare_all(const crl_store_t *store,
                        const apr_array_header_t *known,
                        const apr_array_header_t *before)
{
    int i;

    for (i = 0; before && i < known->nelts; i++) {
        const known_t *one = &APR_ARRAY_IDX(known, i, known_t);
        const known_t *old = crl_store_find_known(before, one->ca.id);

        crl_store_compare(store, one->view, old ? old->view : NULL);
    }
}

/* Makes anew what is known of the CAs in the files, and compares it with what
 * was, for as long as scratch lives, unless that is NULL. 0 when there is not
 * enough memory for all of it: then nothing old is left. */
static int list_all(crl_store_t *store, apr_pool_t *scratch)
{
    apr_pool_t *pool = snapshot_pool();
    apr_array_header_t *known, *sources;
    int is_made = 1, i, j;

    if (!pool) {
        snapshot_replace(store->listed, NULL, NULL);
        return 0;
    }
    known = apr_array_make(pool, 4, sizeof(known_t));
    sources = sources_of(store, pool);
    for (i = 0; i < sources->nelts; i++) {
        const crl_file_t *file = APR_ARRAY_IDX(sources, i, crl_source_t).file;

        for (j = 0; file && j < file->certificates->nelts; j++)
            is_made &= list_one(
                known, APR_ARRAY_IDX(file->certificates, j, X509 *), sources);
    }
    compare_all(store, known,
                scratch ? snapshot_read(store->listed, scratch) : NULL);
    snapshot_replace(store->listed, known, pool);
    return is_made;
}

/* The same for one whose certificate is a file of its own. */
static int view_ca(crl_store_ca_t *ca, apr_pool_t *scratch)
{
    apr_pool_t *pool = snapshot_pool();
    const crl_file_t *file;
    const crl_view_t *view = NULL;
    const char *why;

    if (!pool) {
        snapshot_replace(ca->place, NULL, NULL);
        return 0;
    }
    file = watched_file_last(ca->file, pool, &why);
    if (file)
        view =
            crl_view_create(pool, APR_ARRAY_IDX(file->certificates, 0, X509 *),
                            sources_of(ca->store, pool));
    crl_store_compare(ca->store, view,
                      scratch ? snapshot_read(ca->place, scratch) : NULL);
    snapshot_replace(ca->place, view, pool);
    return !view || !crl_view_is_unsure(view);
}

static void crl_store_renew(crl_store_t *store)
{
    apr_pool_t *scratch = snapshot_pool();
    int i;

    store->is_made = list_all(store, scratch);
    for (i = 0; i < store->cas->nelts; i++)
        store->is_made &=
            view_ca(APR_ARRAY_IDX(store->cas, i, crl_store_ca_t *), scratch);
    if (scratch)
        apr_pool_destroy(scratch);
}

static void crl_store_looked(void *data, int has_changed)
{
    crl_store_t *store = data;

    if (has_changed || !store->is_made)
        crl_store_renew(store);
}

/* -- its life -------------------------------------------------------------- */

crl_store_t *crl_store_create(apr_pool_t *pool, const apr_array_header_t *paths)
{
    crl_store_t *store = apr_pcalloc(pool, sizeof(*store));
    int i;

    store->pool = pool;
    store->files = apr_array_make(pool, paths->nelts, sizeof(watched_file_t *));
    store->cas = apr_array_make(pool, 1, sizeof(crl_store_ca_t *));
    store->listed = snapshot_create(pool);
    store->watcher = watcher_create(pool, "crl");
    if (!store->listed)
        return NULL;
    for (i = 0; i < paths->nelts; i++) {
        watched_file_t *file =
            watched_file_create(pool, APR_ARRAY_IDX(paths, i, const char *),
                                crl_file_convert, crl_store_parse);

        if (!file)
            return NULL;
        APR_ARRAY_PUSH(store->files, watched_file_t *) = file;
        watcher_add(store->watcher, file);
    }
    store->is_made = list_all(store, NULL);
    return store;
}

crl_store_ca_t *crl_store_add_ca(crl_store_t *store, const char *path)
{
    crl_store_ca_t *ca;
    int i;

    for (i = 0; i < store->cas->nelts; i++) {
        ca = APR_ARRAY_IDX(store->cas, i, crl_store_ca_t *);
        if (strcmp(watched_file_path(ca->file), path) == 0)
            return ca;
    }
    ca = apr_pcalloc(store->pool, sizeof(*ca));
    ca->store = store;
    ca->place = snapshot_create(store->pool);
    ca->file = watched_file_create(store->pool, path, crl_file_convert,
                                   crl_store_parse_ca);
    if (!ca->place || !ca->file)
        return NULL;
    APR_ARRAY_PUSH(store->cas, crl_store_ca_t *) = ca;
    watcher_add(store->watcher, ca->file);
    store->is_made &= view_ca(ca, NULL);
    return ca;
}

void crl_store_child_init(void *crl, apr_pool_t *pool, server_rec *server)
{
    crl_store_t *store = ((const crl_t *)crl)->store;

    if (store->server)
        return;
    store->server = server;
    watcher_start(store->watcher, pool, server, crl_store_looked, store);
}

/* -- before the start ------------------------------------------------------ */

static void check_view(const char *name, const crl_view_t *view,
                       crl_absent_t absent, const ocsp_responder_call_t *call,
                       const ocsp_responder_reporter_t *reporter)
{
    const char *why = crl_view_fault(view);
    const char *lapse =
        why ? NULL : crl_view_lapse(view, call->pool, apr_time_now());

    if (lapse)
        why = apr_pstrcat(call->pool, lapse,
                          "; until that is mended, tryLater is answered", NULL);
    else if (!why)
        why = crl_view_doubt(view, call->pool, absent);
    if (why)
        reporter->report(reporter, OCSP_RESPONDER_WARNING,
                         OCSP_RESPONDER_AT_SOURCE,
                         apr_psprintf(call->pool, "CA %s: %s", name, why));
}

void crl_store_check(void *data, const ocsp_responder_call_t *call,
                     const ocsp_responder_reporter_t *reporter)
{
    const crl_t *crl = data;
    const apr_array_header_t *known;
    const crl_view_t *view;
    int i;

    watcher_check(crl->store->watcher, call, reporter);
    crl_store_renew(crl->store);
    if (crl->ca) {
        view = snapshot_read(crl->ca->place, call->pool);
        if (view)
            check_view(watched_file_path(crl->ca->file), view, crl->absent,
                       call, reporter);
        return;
    }
    known = snapshot_read(crl->store->listed, call->pool);
    for (i = 0; known && i < known->nelts; i++) {
        const known_t *one = &APR_ARRAY_IDX(known, i, known_t);

        check_view(one->ca.cn, one->view, crl->absent, call, reporter);
    }
}

/* -- requests -------------------------------------------------------------- */

ocsp_responder_lookup_t crl_store_list(
    void *crl, const ocsp_responder_call_t *call, const char *ca,
    const ocsp_responder_ca_t **cas, int *count, const char **why)
{
    crl_store_t *store = ((const crl_t *)crl)->store;
    const apr_array_header_t *known;
    ocsp_responder_ca_t *list;
    int i;

    (void)ca;
    if (!store->server && watcher_read(store->watcher))
        crl_store_renew(store);
    if (!watcher_is_current(store->watcher, call->pool, why))
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    known = snapshot_read(store->listed, call->pool);
    *why = "there is not enough memory for the CAs";
    if (!known)
        return OCSP_RESPONDER_LOOKUP_FAILED;
    list =
        apr_pcalloc(call->pool, (apr_size_t)(known->nelts + 1) * sizeof(*list));
    for (i = 0; i < known->nelts; i++)
        list[i] = APR_ARRAY_IDX(known, i, known_t).ca;
    *cas = list;
    *count = known->nelts;
    return OCSP_RESPONDER_LOOKUP_DONE;
}

static const crl_view_t *view_of_listed(crl_store_t *store, const char *id,
                                        apr_pool_t *pool)
{
    const apr_array_header_t *known = snapshot_read(store->listed, pool);
    const known_t *one = known ? crl_store_find_known(known, id) : NULL;

    return one ? one->view : NULL;
}

const crl_view_t *crl_store_view(const crl_t *crl,
                                 const ocsp_responder_call_t *call,
                                 const ocsp_responder_query_t *query,
                                 const char **why)
{
    apr_pool_t *pool = call->pool;
    const crl_view_t *view;

    if (!watcher_is_current(crl->store->watcher, pool, why))
        return NULL;
    view = crl->ca
        ? snapshot_read(crl->ca->place, pool)
        : view_of_listed(crl->store, query->ca ? query->ca->id : "", pool);
    if (!view && crl->ca)
        *why = apr_pstrcat(pool, watched_file_path(crl->ca->file),
                           ": it cannot be read as the CA's certificate", NULL);
    else if (!view)
        *why = "the CA's certificate is not in the files any more";
    return view;
}
