/* SPDX-License-Identifier: Apache-2.0
 * https://openmetrics.io: OpenMetrics 1.0, and the older text format of
 * Prometheus 0.0.4, which differ in their comments. */
#include "apr_strings.h"
#include "http_protocol.h"

#include "startup/status_table.h"

#define PREFIX "ocsp_responder_"

static const char *const units[] = {
    [STATUS_PLAIN] = "",
    [STATUS_SECONDS] = "_seconds",
    [STATUS_TIMESTAMP] = "_timestamp_seconds",
    [STATUS_DEADLINE] = "_timestamp_seconds",
    [STATUS_YES] = "",
};

static const char *status_metrics_name_of(apr_pool_t *pool,
                                          const status_family_t *family)
{
    return apr_pstrcat(pool, PREFIX, family->name, units[family->unit], NULL);
}

static const char *suffix_of(const status_family_t *family)
{
    switch (family->type) {
    case STATUS_COUNTER:
        return "_total";
    case STATUS_INFO:
        return "_info";
    default:
        return "";
    }
}

/* Prometheus' older format knows no information, and calls a counter what its
 * samples are called. */
static void write_head(request_rec *r, const status_family_t *family,
                       int is_openmetrics)
{
    static const char *const types[] = {
        [STATUS_NOTHING] = "unknown",     [STATUS_COUNTER] = "counter",
        [STATUS_GAUGE] = "gauge",         [STATUS_INFO] = "info",
        [STATUS_HISTOGRAM] = "histogram",
    };
    const char *name = status_metrics_name_of(r->pool, family);
    const char *type = types[family->type];

    if (!is_openmetrics) {
        name = apr_pstrcat(r->pool, name, suffix_of(family), NULL);
        if (family->type == STATUS_INFO)
            type = "gauge";
    }
    ap_rprintf(r, "# TYPE %s %s\n", name, type);
    if (is_openmetrics && *units[family->unit])
        ap_rprintf(r, "# UNIT %s seconds\n", name);
    ap_rprintf(r, "# HELP %s %s\n", name, family->help);
}

static const char *escaped(apr_pool_t *pool, const char *value)
{
    char *text = apr_palloc(pool, strlen(value) * 2 + 1), *to = text;

    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            *to++ = '\\';
        if (*value == '\n') {
            *to++ = '\\';
            *to++ = 'n';
        }
        else {
            *to++ = *value;
        }
    }
    *to = '\0';
    return text;
}

/* With le, the upper bound of a histogram's bucket, behind the labels. */
static const char *labels_of(apr_pool_t *pool, const status_sample_t *sample,
                             const char *le)
{
    const char *text = "";
    const status_label_t *label;

    for (label = sample->labels; label->name; label++)
        text = apr_pstrcat(pool, text, *text ? "," : "", label->name, "=\"",
                           escaped(pool, label->value), "\"", NULL);
    if (le)
        text =
            apr_pstrcat(pool, text, *text ? "," : "", "le=\"", le, "\"", NULL);
    return *text ? apr_pstrcat(pool, "{", text, "}", NULL) : "";
}

static void write_histogram(request_rec *r, const status_family_t *family,
                            const status_sample_t *sample)
{
    const char *name = status_metrics_name_of(r->pool, family);
    const char *labels = labels_of(r->pool, sample, NULL), *le;
    apr_uint64_t count = 0;
    int i;

    for (i = 0; i < COUNTERS_BUCKETS; i++) {
        count += sample->times->buckets[i];
        le = i < COUNTERS_BUCKETS - 1
            ? status_seconds(r->pool, counters_bounds[i])
            : "+Inf";
        ap_rprintf(r, "%s_bucket%s %" APR_UINT64_T_FMT "\n", name,
                   labels_of(r->pool, sample, le), count);
    }
    ap_rprintf(r, "%s_sum%s %s\n", name, labels,
               status_seconds(r->pool, sample->times->sum));
    ap_rprintf(r, "%s_count%s %" APR_UINT64_T_FMT "\n", name, labels, count);
}

static void status_metrics_write_sample(request_rec *r,
                                        const status_family_t *family,
                                        const status_sample_t *sample)
{
    if (family->type == STATUS_HISTOGRAM)
        write_histogram(r, family, sample);
    else
        ap_rprintf(r, "%s%s%s %s\n", status_metrics_name_of(r->pool, family),
                   suffix_of(family), labels_of(r->pool, sample, NULL),
                   status_number(r->pool, sample->value));
}

void status_write_metrics(request_rec *r, const apr_array_header_t *table,
                          int is_openmetrics)
{
    int i, j;

    for (i = 0; i < table->nelts; i++) {
        const status_family_t *family =
            APR_ARRAY_IDX(table, i, status_family_t *);

        if (family->is_text)
            continue;
        write_head(r, family, is_openmetrics);
        for (j = 0; j < family->samples->nelts; j++)
            status_metrics_write_sample(
                r, family, &APR_ARRAY_IDX(family->samples, j, status_sample_t));
    }
    if (is_openmetrics)
        ap_rputs("# EOF\n", r);
}
