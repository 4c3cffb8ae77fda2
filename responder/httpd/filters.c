/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/filters.h"

#include "http_request.h"
#include "util_filter.h"

#include "httpd/location.h"

/* Behind those that insert theirs last. */
#define BEHIND_ALL (APR_HOOK_REALLY_LAST + 10)

/* Filters that leave content alone, or have it refused. */
static int is_harmless(const char *name)
{
    static const char *const names[] = { "fixup_headers_out",
                                         "fixup_headers_err", "buffer",
                                         "modsecurity_out", "subreq_core" };
    unsigned i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return 1;
    return 0;
}

/* Removes r's up to a type; what comes behind are caches, protocols and the
 * connection. Those of a page that includes the answer are that page's. */
static void filters_drop(const request_rec *r, ap_filter_t *filters,
                         int last_type, void (*remove)(ap_filter_t *filter))
{
    ap_filter_t *filter, *next;

    for (filter = filters; filter; filter = next) {
        next = filter->next;
        if (filter->r == r && (int)filter->frec->ftype <= last_type
            && !is_harmless(filter->frec->name))
            remove(filter);
    }
}

/* Before any handler, as mod_cache has one that sends what it keeps.
 * mod_expires goes, too: it would have something to say of answers that say
 * nothing. What unpacks and watches requests may stay. mod_usertrack's cookie
 * would keep HTTP caches from keeping the answer. */
static void drop_content_filters(request_rec *r)
{
    if (!location_is_ours(r))
        return;
    apr_table_unset(r->headers_out, "Set-Cookie");
    apr_table_unset(r->err_headers_out, "Set-Cookie");
    filters_drop(r, r->output_filters, AP_FTYPE_CONTENT_SET,
                 ap_remove_output_filter);
    filters_drop(r, r->input_filters, AP_FTYPE_CONTENT_SET - 1,
                 ap_remove_input_filter);
}

void filters_drop_ranges(request_rec *r)
{
    ap_filter_t *filter, *next;

    for (filter = r->output_filters; filter; filter = next) {
        next = filter->next;
        if (filter->r == r && strcasecmp(filter->frec->name, "byterange") == 0)
            ap_remove_output_filter(filter);
    }
}

void filters_register_hooks(void)
{
    ap_hook_insert_filter(drop_content_filters, NULL, NULL, BEHIND_ALL);
}
