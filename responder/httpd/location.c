/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/location.h"

#include "ap_mmn.h"
#include "apr_strings.h"
#include "http_config.h"
#include "http_core.h"
#include "http_request.h"

#include "httpd/config.h"

/* What a request of ours has for a file and for a handler. No part of the
 * client's path is in it, as other modules look there for types, languages and
 * filters. */
#define HANDLER "ocsp-responder"

/* Before those that are first because they must be. */
#define BEFORE_ALL (APR_HOOK_REALLY_FIRST - 10)

/* The one of our pages that r is for; NULL: none. */
static const char *page_of(request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const char *error = NULL, *name;

    if (r->proxyreq || !core || !core->expr_handler)
        return NULL;
    name = ap_expr_str_exec(r, core->expr_handler, &error);
    if (error || !name)
        return NULL;
    if (strcmp(name, LOCATION_STATUS) == 0)
        return LOCATION_STATUS;
    return strcmp(name, LOCATION_HEALTH) == 0 ? LOCATION_HEALTH : NULL;
}

int location_is_ours(request_rec *r)
{
    return !r->proxyreq && config_responds(config_of_request(r)) && !page_of(r);
}

static int is_ours_or_page(request_rec *r)
{
    return location_is_ours(r) || page_of(r);
}

/* -- the path of the URL --------------------------------------------------- */

/* Whether a request for path, which is decoded, is ours. httpd's next walk
 * through the sections begins anew. */
static int is_ours_as(request_rec *r, char *path)
{
    ap_conf_vector_t *before = r->per_dir_config;
    char *raw = r->uri;
    int ours;

    r->uri = path;
    r->per_dir_config = r->server->lookup_defaults;
    ours = ap_location_walk(r) == OK && location_is_ours(r);
    r->uri = raw;
    r->per_dir_config = before;
    return ours;
}

/* Keeps httpd from decoding the path, where %2F would be a 404. The sections
 * are compared with what it decodes to. */
static int keep_path(request_rec *r)
{
    char *path;

    if (r->proxyreq || !r->uri || !ap_strchr_c(r->uri, '%'))
        return location_is_ours(r) ? DONE : DECLINED;
    path = apr_pstrdup(r->pool, r->uri);
    if (ap_unescape_url_ex(path, 0) != OK)
        return location_is_ours(r) ? DONE : DECLINED;
    if (!is_ours_as(r, path))
        return DECLINED;
    r->uri = r->parsed_uri.path = path;
    return DONE;
}

/* Keeps proxies, aliases, redirects and mod_wsgi from taking the URL, and with
 * the handler mod_dir's FallbackResource. */
static int claim_url(request_rec *r)
{
    const char *page = page_of(r);

    if (!page && !location_is_ours(r))
        return DECLINED;
    r->filename = apr_pstrdup(r->pool, HANDLER);
    r->handler = page ? page : HANDLER;
    return OK;
}

/* Keeps httpd from looking for files: there are none. Only the claim tells it
 * is ours, as the location's settings are not merged yet. */
static int skip_files(request_rec *r)
{
    return r->filename && strcmp(r->filename, HANDLER) == 0 ? OK : DECLINED;
}

/* -- what sections around it say ------------------------------------------- */

/* Keeps mod_mime and mod_negotiation from making up a type, a language or an
 * encoding. */
static int skip_types(request_rec *r)
{
    return is_ours_or_page(r) ? OK : DECLINED;
}

/* The settings of a request as if a module had none. */
static ap_conf_vector_t *without(request_rec *r, module *other)
{
    ap_conf_vector_t *copy = ap_create_per_dir_config(r->pool);
    module *each;

    for (each = ap_top_module; each; each = each->next)
        ap_set_module_config(copy, each,
                             ap_get_module_config(r->per_dir_config, each));
    ap_set_module_config(copy, other, other->create_dir_config(r->pool, NULL));
    return copy;
}

/* Those whose settings redirect; NULL: it is not there. */
static module *redirecting[2];

static void find_redirecting(apr_pool_t *pool, server_rec *server)
{
    (void)pool;
    (void)server;
    redirecting[0] = ap_find_linked_module("mod_alias.c");
    redirecting[1] = ap_find_linked_module("mod_rewrite.c");
}

/* Keeps Redirect and RewriteRule of sections from taking the request. */
static int drop_redirects(request_rec *r)
{
    unsigned i;

    if (!is_ours_or_page(r))
        return DECLINED;
    for (i = 0; i < sizeof(redirecting) / sizeof(*redirecting); i++) {
        module *other = redirecting[i];

        if (other
            && ap_get_module_config(r->per_dir_config, other)
                != ap_get_module_config(r->server->lookup_defaults, other))
            r->per_dir_config = without(r, other);
    }
    return DECLINED;
}

/* -------------------------------------------------------------------------- */

void location_register_hooks(void)
{
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 109)
    ap_hook_pre_translate_name(keep_path, NULL, NULL, BEFORE_ALL);
#endif
    ap_hook_translate_name(claim_url, NULL, NULL, BEFORE_ALL);
    /* Before the core's own, which answers TRACE and walks directories. */
    ap_hook_map_to_storage(skip_files, NULL, NULL, BEFORE_ALL);
    ap_hook_type_checker(skip_types, NULL, NULL, BEFORE_ALL);
    ap_hook_child_init(find_redirecting, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_fixups(drop_redirects, NULL, NULL, BEFORE_ALL);
}
