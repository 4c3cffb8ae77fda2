/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_table.h"

#include <stdlib.h>
#include <string.h>

#include "apr_strings.h"
#include "http_protocol.h"
#include "util_filter.h"

#include "serve/socache.h"

/* More than a provider writes of itself. */
#define TEXT_MAX 4096 /* bytes */

typedef struct {
    char text[TEXT_MAX];
    apr_size_t length;
} text_t;

/* The end of an output filter chain: keeps what is written. */
static apr_status_t status_cache_keep(ap_filter_t *filter,
                                      apr_bucket_brigade *brigade)
{
    text_t *text = filter->ctx;
    apr_size_t room = TEXT_MAX - 1 - text->length;
    apr_status_t status =
        apr_brigade_flatten(brigade, text->text + text->length, &room);

    text->length += room;
    apr_brigade_cleanup(brigade);
    return status;
}

/* What the provider writes to a client, but for this one: NULL where it does
 * not tell. In r's pool. */
static const char *status_cache_describe(request_rec *r)
{
    static ap_filter_rec_t record = { .name = "ocsp-responder-cache-text",
                                      .filter_func.out_func = status_cache_keep,
                                      .ftype = AP_FTYPE_NETWORK };
    text_t *text = apr_pcalloc(r->pool, sizeof(*text));
    request_rec *copy = apr_pmemdup(r->pool, r, sizeof(*r));
    ap_filter_t filter = {
        .frec = &record, .ctx = text, .r = copy, .c = r->connection
    };

    copy->output_filters = copy->proto_output_filters = &filter;
    if (!socache_describe(copy))
        return NULL;
    ap_rflush(copy);
    return text->text;
}

/* With what text, which may be NULL, says behind a word, if it does. */
static void status_cache_add(apr_array_header_t *table, const char *text,
                             const char *word, double unit, const char *name,
                             const char *help)
{
    status_family_t *family = status_add_family(
        table, "Answers", name, STATUS_GAUGE, STATUS_PLAIN, help);
    const char *line = text ? strstr(text, word) : NULL;

    if (line)
        status_add_sample(family, strtod(line + strlen(word), NULL) / unit,
                          NULL, NULL);
}

void status_add_cache(apr_array_header_t *table, request_rec *r)
{
    const char *text = status_cache_describe(r);

    status_cache_add(table, text, "CacheCurrentEntries: ", 1, "cache_entries",
                     "Signed answers in the cache.");
    status_cache_add(table, text, "CacheUsage: ", 100, "cache_used_ratio",
                     "Part of the cache's memory that is in use.");
}
