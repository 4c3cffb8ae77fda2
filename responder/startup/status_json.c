/* SPDX-License-Identifier: Apache-2.0
 * The table as JSON: {"name": {"help": "...", "samples": [{...}]}}, where a
 * sample has its labels and a value, or a histogram's buckets. */
#include "http_protocol.h"

#include "base/json.h"
#include "startup/status_table.h"

static void status_json_write_times(request_rec *r,
                                    const counters_times_t *times)
{
    apr_uint64_t count = 0;
    int i;

    ap_rputs("\"buckets\": [", r);
    for (i = 0; i < COUNTERS_BUCKETS; i++) {
        count += times->buckets[i];
        ap_rprintf(r, "%s{\"le\": ", i ? ", " : "");
        if (i < COUNTERS_BUCKETS - 1)
            ap_rputs(status_seconds(r->pool, counters_bounds[i]), r);
        else
            ap_rputs("null", r);
        ap_rprintf(r, ", \"count\": %" APR_UINT64_T_FMT "}", count);
    }
    ap_rprintf(r, "], \"count\": %" APR_UINT64_T_FMT ", \"sum\": %s", count,
               status_seconds(r->pool, times->sum));
}

/* The members of a sample's object. */
static void write_members(request_rec *r, const status_family_t *family,
                          const status_sample_t *sample)
{
    int i;

    for (i = 0; sample->labels[i].name; i++)
        ap_rprintf(r, "%s%s: %s", i ? ", " : "",
                   json_string(r->pool, sample->labels[i].name),
                   json_string(r->pool, sample->labels[i].value));
    if (family->type == STATUS_INFO)
        return;
    if (i)
        ap_rputs(", ", r);
    if (family->type == STATUS_HISTOGRAM)
        status_json_write_times(r, sample->times);
    else
        ap_rprintf(r, "\"value\": %s", status_number(r->pool, sample->value));
}

static void write_family(request_rec *r, const status_family_t *family)
{
    int i;

    ap_rprintf(r, "  %s: {\"help\": %s, \"samples\": [",
               json_string(r->pool, family->name),
               json_string(r->pool, family->help));
    for (i = 0; i < family->samples->nelts; i++) {
        ap_rputs(i ? ",\n    {" : "\n    {", r);
        write_members(r, family,
                      &APR_ARRAY_IDX(family->samples, i, status_sample_t));
        ap_rputs("}", r);
    }
    ap_rputs("]}", r);
}

void status_write_json(request_rec *r, const apr_array_header_t *table)
{
    int i;

    ap_rputs("{", r);
    for (i = 0; i < table->nelts; i++) {
        ap_rputs(i ? ",\n" : "\n", r);
        write_family(r, APR_ARRAY_IDX(table, i, status_family_t *));
    }
    ap_rputs("\n}\n", r);
}
