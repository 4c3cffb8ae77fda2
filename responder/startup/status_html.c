/* SPDX-License-Identifier: Apache-2.0
 * The table as a page: no script, plain enough for a text browser. */
#include "apr_hash.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_protocol.h"

#include "startup/status_table.h"

static const char *const style =
    ":root{color-scheme:light dark;--line:#d4d8de;--soft:#5b6470;"
    "--head:#f3f5f7;--text:#1b1f24;--page:#fff}\n"
    "@media(prefers-color-scheme:dark){:root{--line:#363c45;--soft:#9aa4b1;"
    "--head:#20252c;--text:#e4e8ed;--page:#15181c}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;"
    "padding:1rem 1.25rem 3rem;color:var(--text);background:var(--page)}\n"
    "h1{font-size:1.4rem;margin:.5rem 0 0}\n"
    "h2{font-size:1.05rem;margin:2rem 0 .5rem}\n"
    "p{color:var(--soft);margin:.25rem 0}\n"
    "div{overflow-x:auto}\n"
    "table{border-collapse:collapse;min-width:100%}\n"
    "th,td{border-bottom:1px solid var(--line);padding:.3rem .75rem .3rem 0;"
    "text-align:left;vertical-align:top}\n"
    "thead th{background:var(--head);white-space:nowrap}\n"
    "thead th:first-child{padding-left:.25rem}\n"
    "tbody th{font-weight:400;color:var(--soft);padding-left:.25rem;"
    "width:19rem}\n"
    "tbody td:first-child{padding-left:.25rem}\n"
    "a{color:inherit}\n"
    "td{font-variant-numeric:tabular-nums}\n"
    "b{font-weight:600}\n"
    "i{font-style:normal;color:var(--soft)}\n"
    "code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}\n"
    ".bad{color:#c62828;font-weight:600}\n"
    "@media(prefers-color-scheme:dark){.bad{color:#ff8a80}}\n";

static const char *html(request_rec *r, const char *text)
{
    return ap_escape_html2(r->pool, text, 1);
}

/* -- values ---------------------------------------------------------------- */

/* "2026-11-25 23:05:00 UTC". */
static const char *date_of(apr_pool_t *pool, double seconds)
{
    apr_time_exp_t time;

    apr_time_exp_gmt(&time, (apr_time_t)seconds * APR_USEC_PER_SEC);
    return apr_psprintf(pool, "%04d-%02d-%02d %02d:%02d:%02d UTC",
                        time.tm_year + 1900, time.tm_mon + 1, time.tm_mday,
                        time.tm_hour, time.tm_min, time.tm_sec);
}

/* "in 12 days", "3 hours ago". */
static const char *distance_of(apr_pool_t *pool, double seconds)
{
    static const struct {
        long seconds;
        const char *name;
    } units[] = {
        { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" }
    };
    long ahead = (long)(seconds - (double)apr_time_sec(apr_time_now())), count;
    long size = ahead < 0 ? -ahead : ahead;
    unsigned i = 0;

    while (i < 3 && size < 2 * units[i].seconds)
        i++;
    count = size / units[i].seconds;
    return apr_psprintf(pool, "%s%ld %s%s%s", ahead < 0 ? "" : "in ", count,
                        units[i].name, count == 1 ? "" : "s",
                        ahead < 0 ? " ago" : "");
}

static const char *value_of(request_rec *r, const status_family_t *family,
                            double value)
{
    switch (family->unit) {
    case STATUS_TIMESTAMP:
        return value > 0
            ? apr_pstrcat(r->pool, date_of(r->pool, value), " <i>(",
                          distance_of(r->pool, value), ")</i>", NULL)
            : "never";
    case STATUS_SECONDS:
        return apr_pstrcat(r->pool, status_number(r->pool, value), " s", NULL);
    case STATUS_BYTES:
        return apr_pstrcat(r->pool, status_number(r->pool, value), " bytes",
                           NULL);
    default:
        return status_number(r->pool, value);
    }
}

/* -- a histogram's row ----------------------------------------------------- */

/* The upper bound of the bucket that a part of all falls into, microseconds;
 * -1: above them all. */
static apr_interval_time_t bound_of(const counters_times_t *times,
                                    apr_uint64_t count, double part)
{
    apr_uint64_t seen = 0;
    int i;

    for (i = 0; i < COUNTERS_BUCKETS - 1; i++) {
        seen += times->buckets[i];
        if ((double)seen >= (double)count * part)
            return counters_bounds[i];
    }
    return -1;
}

static const char *milliseconds(apr_pool_t *pool, double microseconds)
{
    return apr_psprintf(pool, "%.3f ms", microseconds / 1000);
}

static void write_part(request_rec *r, const counters_times_t *times,
                       apr_uint64_t count, double part)
{
    apr_interval_time_t bound = bound_of(times, count, part);

    if (bound < 0)
        ap_rprintf(r, "&gt; %s",
                   milliseconds(r->pool,
                                (double)counters_bounds[COUNTERS_BUCKETS - 2]));
    else
        ap_rprintf(r, "&le; %s", milliseconds(r->pool, (double)bound));
    ap_rprintf(r, " <i>for %d %%</i>", (int)(part * 100 + .5));
}

static void write_times(request_rec *r, const counters_times_t *times)
{
    static const double parts[] = { .5, .9, .99 };
    apr_uint64_t count = 0;
    unsigned i;

    for (i = 0; i < COUNTERS_BUCKETS; i++)
        count += times->buckets[i];
    if (!count) {
        ap_rputs("none yet", r);
        return;
    }
    ap_rprintf(r, "<b>%s</b> <i>on average of %" APR_UINT64_T_FMT "</i>",
               milliseconds(r->pool, (double)times->sum / (double)count),
               count);
    for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        ap_rputs(", ", r);
        write_part(r, times, count, parts[i]);
    }
}

/* -- a section as rows: one a family --------------------------------------- */

static void write_words(request_rec *r, const status_sample_t *sample)
{
    int i;

    for (i = 0; i < STATUS_LABELS && sample->labels[i].name; i++)
        ap_rprintf(r, "%s<i>%s</i> %s", i ? "<br>" : "",
                   html(r, sample->labels[i].name),
                   html(r, sample->labels[i].value));
}

static void write_sample(request_rec *r, const status_family_t *family,
                         const status_sample_t *sample)
{
    int i;

    if (family->type == STATUS_HISTOGRAM) {
        write_times(r, &sample->times);
        return;
    }
    if (family->type == STATUS_INFO) {
        write_words(r, sample);
        return;
    }
    ap_rprintf(r, "<b>%s</b>", value_of(r, family, sample->value));
    for (i = 0; i < STATUS_LABELS && sample->labels[i].name; i++)
        ap_rprintf(r, " %s", html(r, sample->labels[i].value));
}

static void write_row(request_rec *r, const status_family_t *family)
{
    int i;

    ap_rprintf(r, "<tr><th>%s</th><td>", html(r, family->help));
    for (i = 0; i < family->samples->nelts; i++) {
        ap_rputs(i ? ", " : "", r);
        write_sample(r, family,
                     &APR_ARRAY_IDX(family->samples, i, status_sample_t));
    }
    ap_rputs(i ? "</td></tr>\n" : "none</td></tr>\n", r);
}

/* -- the CAs as columns: one row a CA -------------------------------------- */

static const char *ca_of(const status_sample_t *sample)
{
    return sample->labels[0].name && strcmp(sample->labels[0].name, "ca") == 0
        ? sample->labels[0].value
        : NULL;
}

/* The CAs of a section's families, each once, in order. */
static apr_array_header_t *list_cas(request_rec *r,
                                    const apr_array_header_t *families)
{
    apr_array_header_t *cas = apr_array_make(r->pool, 8, sizeof(char *));
    apr_hash_t *seen = apr_hash_make(r->pool);
    int i, j;

    for (i = 0; i < families->nelts; i++) {
        const status_family_t *family =
            APR_ARRAY_IDX(families, i, status_family_t *);

        for (j = 0; j < family->samples->nelts; j++) {
            const char *ca =
                ca_of(&APR_ARRAY_IDX(family->samples, j, status_sample_t));

            if (!ca || apr_hash_get(seen, ca, APR_HASH_KEY_STRING))
                continue;
            apr_hash_set(seen, ca, APR_HASH_KEY_STRING, ca);
            APR_ARRAY_PUSH(cas, const char *) = ca;
        }
    }
    return cas;
}

/* The samples of each CA, in lists, by its serial. */
static apr_hash_t *index_samples(request_rec *r, const status_family_t *family)
{
    apr_hash_t *index = apr_hash_make(r->pool);
    int i;

    for (i = 0; i < family->samples->nelts; i++) {
        status_sample_t *sample =
            &APR_ARRAY_IDX(family->samples, i, status_sample_t);
        const char *ca = ca_of(sample);
        apr_array_header_t *list;

        if (!ca)
            continue;
        list = apr_hash_get(index, ca, APR_HASH_KEY_STRING);
        if (!list) {
            list = apr_array_make(r->pool, 4, sizeof(sample));
            apr_hash_set(index, ca, APR_HASH_KEY_STRING, list);
        }
        APR_ARRAY_PUSH(list, status_sample_t *) = sample;
    }
    return index;
}

static void write_cell(request_rec *r, const status_family_t *family,
                       const apr_array_header_t *samples)
{
    int i, j;

    ap_rputs("<td>", r);
    for (i = 0; samples && i < samples->nelts; i++) {
        const status_sample_t *sample =
            APR_ARRAY_IDX(samples, i, status_sample_t *);

        if (i)
            ap_rputs("<br>", r);
        if (family->type != STATUS_INFO)
            ap_rprintf(r, "<b>%s</b> ", value_of(r, family, sample->value));
        for (j = 1; j < STATUS_LABELS && sample->labels[j].name; j++) {
            if (family->type == STATUS_INFO)
                ap_rprintf(r, "%s<i>%s</i> %s", j > 1 ? "<br>" : "",
                           html(r, sample->labels[j].name),
                           html(r, sample->labels[j].value));
            else
                ap_rputs(html(r, sample->labels[j].value), r);
        }
    }
    ap_rputs("</td>", r);
}

static void write_cas(request_rec *r, const apr_array_header_t *families)
{
    const apr_array_header_t *cas = list_cas(r, families);
    apr_hash_t **indexes =
        apr_palloc(r->pool, families->nelts * sizeof(*indexes));
    int i, j;

    ap_rputs("<thead><tr><th>CA</th>", r);
    for (i = 0; i < families->nelts; i++) {
        const status_family_t *family =
            APR_ARRAY_IDX(families, i, status_family_t *);

        indexes[i] = index_samples(r, family);
        ap_rprintf(r, "<th title=\"%s\">%s</th>", html(r, family->help),
                   html(r, family->title));
    }
    ap_rputs("</tr></thead>\n<tbody>\n", r);
    for (i = 0; i < cas->nelts; i++) {
        const char *ca = APR_ARRAY_IDX(cas, i, const char *);

        ap_rprintf(r, "<tr><td><code>%s</code></td>",
                   *ca ? html(r, ca) : "all others");
        for (j = 0; j < families->nelts; j++)
            write_cell(r, APR_ARRAY_IDX(families, j, status_family_t *),
                       apr_hash_get(indexes[j], ca, APR_HASH_KEY_STRING));
        ap_rputs("</tr>\n", r);
    }
    ap_rputs(cas->nelts ? "" : "<tr><td>none yet</td></tr>\n", r);
}

/* -- the page -------------------------------------------------------------- */

static void write_section_of(request_rec *r, const char *section,
                             const apr_array_header_t *families)
{
    int i;

    ap_rprintf(r, "<h2>%s</h2>\n<div><table>\n", html(r, section));
    if (strcmp(section, STATUS_SECTION_CAS) == 0) {
        write_cas(r, families);
    }
    else {
        ap_rputs("<tbody>\n", r);
        for (i = 0; i < families->nelts; i++)
            write_row(r, APR_ARRAY_IDX(families, i, status_family_t *));
    }
    ap_rputs("</tbody></table></div>\n", r);
}

/* All sections, in the order in which they first come. */
static void write_sections(request_rec *r, const apr_array_header_t *table)
{
    apr_array_header_t *families =
        apr_array_make(r->pool, 16, sizeof(status_family_t *));
    int i, next;

    for (i = 0; i < table->nelts; i = next) {
        const char *section = APR_ARRAY_IDX(table, i, status_family_t).section;

        families->nelts = 0;
        for (next = i; next < table->nelts; next++) {
            status_family_t *family =
                &APR_ARRAY_IDX(table, next, status_family_t);

            if (strcmp(family->section, section) != 0)
                break;
            APR_ARRAY_PUSH(families, status_family_t *) = family;
        }
        write_section_of(r, section, families);
    }
}

void status_write_html(request_rec *r, const apr_array_header_t *table)
{
    const char *host = html(r, ap_get_server_name(r));

    ap_rprintf(r,
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
               "<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, "
               "initial-scale=1\">\n"
               "<title>OCSP responder: %s</title>\n<style>\n%s</style>\n"
               "</head>\n<body>\n<h1>OCSP responder of %s</h1>\n"
               "<p>%s. The same as <a href=\"?json\">JSON</a> and as "
               "<a href=\"?metrics\">OpenMetrics</a>.</p>\n",
               host, style, host,
               date_of(r->pool, (double)apr_time_sec(apr_time_now())));
    write_sections(r, table);
    ap_rputs("</body>\n</html>\n", r);
}

void status_write_section(request_rec *r, const apr_array_header_t *table)
{
    ap_rputs("<hr>\n<h1>OCSP responder</h1>\n", r);
    write_sections(r, table);
}
