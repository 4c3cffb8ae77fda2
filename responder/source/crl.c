/* SPDX-License-Identifier: Apache-2.0 */
#include "source/builtin.h"

#include "apr_lib.h"
#include "apr_strings.h"
#include "http_config.h"

#include "ocsp/crl_reason.h"
#include "source/crl_store.h"
#include "base/instances.h"

#define USAGE \
    "OCSPResponderSource crl takes the paths of files with CRLs, before " \
    "which absent=good, absent=good parts=NUMBER or absent=unknown may stand"

/* More than any CA has. */
#define MAX_PARTS 100000

/* -- configuration --------------------------------------------------------- */

/* Reads the word that says what a serial in no CRL is. 1 when it is one. */
static int read_absent(const char *word, crl_absent_t *absent)
{
    absent->status = OCSP_RESPONDER_UNKNOWN;
    if (strcmp(word, "absent=good") == 0) {
        absent->status = OCSP_RESPONDER_GOOD;
        return 1;
    }
    return strcmp(word, "absent=unknown") == 0;
}

/* Reads the word that says how many parts there are. 1 when it is one. */
static int crl_read_parts(const char *word, crl_absent_t *absent)
{
    apr_off_t number;
    char *end;

    if (absent->status != OCSP_RESPONDER_GOOD || strncmp(word, "parts=", 6) != 0
        || !apr_isdigit(word[6])
        || apr_strtoff(&number, word + 6, &end, 10) != APR_SUCCESS || *end
        || number < 1 || number > MAX_PARTS)
        return 0;
    absent->parts = (int)number;
    return 1;
}

/* Reads the arguments. NULL, or what is wrong. *key is the same for the same
 * files. */
static const char *crl_read_arguments(apr_pool_t *pool, const char *arguments,
                                      crl_t *crl, apr_array_header_t *paths,
                                      const char **key)
{
    const char *word = ap_getword_conf(pool, &arguments);

    if (read_absent(word, &crl->absent))
        word = ap_getword_conf(pool, &arguments);
    if (crl_read_parts(word, &crl->absent))
        word = ap_getword_conf(pool, &arguments);
    *key = "";
    for (; *word; word = ap_getword_conf(pool, &arguments)) {
        const char *path = ap_server_root_relative(pool, word);

        if (!path || strchr(word, '='))
            return apr_psprintf(pool, USAGE ": \"%s\" is neither", word);
        APR_ARRAY_PUSH(paths, const char *) = path;
        *key = apr_pstrcat(pool, *key, path, "\n", NULL);
    }
    return paths->nelts ? NULL : USAGE;
}

static crl_store_t *find_store(apr_pool_t *pool, const char *key,
                               const apr_array_header_t *paths)
{
    crl_store_t *store = instances_find(pool, "crl-files", key);

    return store
        ? store
        : instances_add(pool, "crl-files", key, crl_store_create(pool, paths));
}

/* Whether the certificate is in the files, or a file of its own. */
static int is_path(apr_pool_t *pool, const char *ca)
{
    return ap_os_is_path_absolute(pool, ca);
}

static const char *crl_configure(apr_pool_t *pool, struct server_rec *server,
                                 const ocsp_responder_settings_t *settings,
                                 void **instance)
{
    apr_array_header_t *paths = apr_array_make(pool, 4, sizeof(const char *));
    crl_t crl = { .store = NULL };
    const char *files, *key;
    const char *why =
        crl_read_arguments(pool, settings->arguments, &crl, paths, &files);

    (void)server;
    if (why)
        return why;
    key = apr_psprintf(pool, "%s%s%d %s", files,
                       crl.absent.status == OCSP_RESPONDER_GOOD ? "+" : "-",
                       crl.absent.parts,
                       is_path(pool, settings->ca) ? settings->ca : "");
    *instance = instances_find(pool, "crl", key);
    if (*instance)
        return NULL;
    crl.store = find_store(pool, files, paths);
    if (crl.store && is_path(pool, settings->ca))
        crl.ca = crl_store_add_ca(crl.store, settings->ca);
    if (!crl.store || (!crl.ca && is_path(pool, settings->ca)))
        return "there is not enough memory to read the files";
    *instance =
        instances_add(pool, "crl", key, apr_pmemdup(pool, &crl, sizeof(crl)));
    return NULL;
}

/* -- requests -------------------------------------------------------------- */

static ocsp_responder_lookup_t crl_look_up(void *instance,
                                           const ocsp_responder_call_t *call,
                                           const ocsp_responder_query_t *query,
                                           ocsp_responder_status_t *status,
                                           const char **why)
{
    const crl_t *crl = instance;
    const crl_question_t question = { { query->serial, query->serial_len },
                                      crl->absent,
                                      apr_time_now() };
    const crl_view_t *view = crl_store_view(crl, call, query, why);

    return view ? crl_view_status(view, call->pool, &question, status, why)
                : OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
}

/* A CRL has no certificates. Which entries are CAs' it tells only where it is
 * about CAs alone. */
static ocsp_responder_lookup_t crl_find_objection(
    void *instance, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_objection_t what,
    const char **serial, const char **why)
{
    const crl_t *crl = instance;
    const crl_view_t *view = crl_store_view(crl, call, query, why);
    int is_ca = 0;

    *serial = "any";
    if (what == OCSP_RESPONDER_WITHOUT_HASH)
        return OCSP_RESPONDER_LOOKUP_DONE;
    if (!view)
        return OCSP_RESPONDER_LOOKUP_FAILED;
    *serial = crl_view_find_reason(view, call->pool,
                                   what == OCSP_RESPONDER_ON_HOLD
                                       ? CRL_REASON_CERTIFICATE_HOLD
                                       : CRL_REASON_UNSPECIFIED,
                                   &is_ca);
    *why = BUILTIN_TELLS_NO_CAS;
    return !*serial || what == OCSP_RESPONDER_ON_HOLD || is_ca
        ? OCSP_RESPONDER_LOOKUP_DONE
        : OCSP_RESPONDER_LOOKUP_FAILED;
}

const ocsp_responder_source_t crl_source = {
    .name = "crl",
    .configure = crl_configure,
    .check = crl_store_check,
    .child_init = crl_store_child_init,
    .list_cas = crl_store_list,
    .look_up = crl_look_up,
    .find_objection = crl_find_objection,
};
