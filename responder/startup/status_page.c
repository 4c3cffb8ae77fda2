/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_page.h"

#include "httpd.h"
#include "apr_optional_hooks.h"
#include "http_config.h"
#include "http_protocol.h"
#include "mod_status.h"

#include "httpd/http.h"
#include "httpd/location.h"
#include "startup/status_table.h"

#define JSON_TYPE "application/json"
#define HTML_TYPE "text/html; charset=utf-8"
#define TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define OPENMETRICS_TYPE \
    "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* -- the page -------------------------------------------------------------- */

/* A client that accepts text and does not name OpenMetrics is of the time
 * before it. */
static int wants_openmetrics(const request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    return !accept || ap_strcasestr(accept, "openmetrics-text")
        || !ap_strcasestr(accept, "text/plain");
}

/* Whether the query has such a parameter; Prometheus writes each with a "=". */
static int is_asked_for(const request_rec *r, const char *name)
{
    const size_t length = strlen(name);
    const char *rest = r->args;

    while (rest) {
        if (strncmp(rest, name, length) == 0 && strchr("=&", rest[length]))
            return 1;
        rest = strchr(rest, '&');
        rest = rest ? rest + 1 : NULL;
    }
    return 0;
}

static void write_page(request_rec *r)
{
    const apr_array_header_t *table = status_table(r, 0);

    if (is_asked_for(r, "json")) {
        ap_set_content_type(r, JSON_TYPE);
        status_write_json(r, table);
    }
    else if (is_asked_for(r, "metrics")) {
        ap_set_content_type(
            r, wants_openmetrics(r) ? OPENMETRICS_TYPE : TEXT_TYPE);
        status_write_metrics(r, table, wants_openmetrics(r));
    }
    else {
        ap_set_content_type(r, HTML_TYPE);
        status_write_html(r, table);
    }
}

static int status_page_handle(request_rec *r)
{
    if (!r->handler || strcmp(r->handler, LOCATION_STATUS) != 0)
        return DECLINED;
    if (r->method_number != M_GET)
        return http_send_allow(r, HTTP_PAGE_METHODS);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->headers_out, "Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'");
    write_page(r);
    return OK;
}

/* -- mod_status ------------------------------------------------------------ */

static int add_section(request_rec *r, int flags)
{
    const apr_array_header_t *table = status_table(r, 1);

    if (flags & AP_STATUS_SHORT)
        status_write_auto(r, table);
    else
        status_write_section(r, table);
    return OK;
}

void status_page_register_hooks(void)
{
    ap_hook_handler(status_page_handle, NULL, NULL, APR_HOOK_REALLY_FIRST + 1);
    APR_OPTIONAL_HOOK(ap, status_hook, add_section, NULL, NULL,
                      APR_HOOK_MIDDLE);
}
