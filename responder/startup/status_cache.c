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
static apr_status_t keep(ap_filter_t *filter, apr_bucket_brigade *brigade)
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
static const char *describe(request_rec *r)
{
    static ap_filter_rec_t record = { .name = "ocsp-responder-cache-text",
                                      .filter_func.out_func = keep,
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

/* -1: it is not told. */
static double number_of(const char *text, const char *name)
{
    const char *line = text ? strstr(text, name) : NULL;

    return line ? strtod(line + strlen(name), NULL) : -1;
}

void status_add_cache(apr_array_header_t *table, request_rec *r)
{
    static const struct {
        const char *line;
        double unit;
        status_family_t family;
    } rows[] = {
        { "CacheCurrentEntries: ",
          1,
          { .section = "Answers",
            .name = "cache_entries",
            .help = "Signed answers in the cache.",
            .type = STATUS_GAUGE } },
        { "CacheUsage: ",
          100,
          { .section = "Answers",
            .name = "cache_used_ratio",
            .help = "Part of the cache's memory that is in use.",
            .type = STATUS_GAUGE } },
    };
    const char *text = describe(r);
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        status_family_t *family = status_add_family(table, rows[i].family);
        double value = number_of(text, rows[i].line);

        if (value >= 0)
            status_add_sample(family, value / rows[i].unit, NULL, NULL);
    }
}
