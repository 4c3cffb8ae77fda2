/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/location.h"

#include "ap_mmn.h"
#include "apr_strings.h"
#include "http_config.h"
#include "http_core.h"
#include "http_request.h"

#include "httpd/config.h"

#define HANDLER "ocsp-responder"

int location_is_ours(request_rec *r)
{
    return !r->proxyreq && config_responds(config_of_request(r));
}

/* Keeps httpd from decoding the path, where %2F would be a 404. */
static int keep_path(request_rec *r)
{
    return location_is_ours(r) ? DONE : DECLINED;
}

/* Keeps proxies, aliases, redirects and mod_wsgi from taking the URL. */
static int claim_url(request_rec *r)
{
    if (!location_is_ours(r))
        return DECLINED;
    r->filename = apr_pstrcat(r->pool, HANDLER ":", r->uri, NULL);
    return OK;
}

/* Keeps httpd from looking for files: there are none. Only the claim tells it
 * is ours, as the location's settings are not merged yet. */
static int skip_files(request_rec *r)
{
    return r->filename
            && strncmp(r->filename, HANDLER ":", sizeof(HANDLER)) == 0
        ? OK
        : DECLINED;
}

void location_register_hooks(void)
{
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 109)
    ap_hook_pre_translate_name(keep_path, NULL, NULL, APR_HOOK_REALLY_FIRST);
#endif
    ap_hook_translate_name(claim_url, NULL, NULL, APR_HOOK_REALLY_FIRST);
    /* After the core's own for TRACE, before its walk through directories. */
    ap_hook_map_to_storage(skip_files, NULL, NULL, APR_HOOK_LAST);
}
