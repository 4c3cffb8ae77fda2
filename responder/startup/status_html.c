/* SPDX-License-Identifier: Apache-2.0
 * The table as a page: no script, plain enough for a text browser. */
#include "apr_strings.h"
#include "http_core.h"
#include "http_protocol.h"

#include "startup/status_html.h"

static const char *const style =
    ":root{color-scheme:light dark;--line:#d4d8de;--soft:#5b6470;"
    "--head:#f3f5f7;--text:#1b1f24;--page:#fff;--bad:#b3261e}\n"
    "@media(prefers-color-scheme:dark){:root{--line:#363c45;--soft:#9aa4b1;"
    "--head:#20252c;--text:#e4e8ed;--page:#15181c;--bad:#ff8a80}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:90rem;"
    "padding:1rem 1.25rem 3rem;color:var(--text);background:var(--page)}\n"
    "h1{font-size:1.4rem;margin:.5rem 0 0}\n"
    "h2{font-size:1.05rem;margin:2rem 0 .5rem}\n"
    "p{color:var(--soft);margin:.25rem 0}\n"
    "div{overflow-x:auto}\n"
    "table{border-collapse:collapse;min-width:100%}\n"
    "th,td{border-bottom:1px solid var(--line);padding:.3rem 1rem .3rem .25rem;"
    "text-align:left;vertical-align:top}\n"
    "thead th{background:var(--head);font-weight:600;white-space:nowrap}\n"
    "thead~tbody td{white-space:nowrap}\n"
    "td[data-is^=resp]{white-space:normal;min-width:12rem}\n"
    "td[data-is] code{overflow-wrap:anywhere}\n"
    "tbody th{font-weight:400;color:var(--soft);width:19rem}\n"
    "td{font-variant-numeric:tabular-nums}\n"
    "b{font-weight:600}\n"
    "i{font-style:normal;color:var(--soft)}\n"
    "em{font-style:normal;font-weight:600;color:var(--bad)}\n"
    "a{color:inherit}\n"
    "code{font:.85em ui-monospace,monospace}\n"
    "@media(max-width:40rem){table,tbody,tr,tbody th,td{display:block;"
    "width:auto;overflow-wrap:anywhere}"
    "tr{border-bottom:1px solid var(--line);padding:.4rem 0}"
    "tbody th,td{border:0;padding:.1rem .25rem}}\n"
    "@media(max-width:80rem){thead{display:none}"
    "thead~tbody tr{display:block;padding:.5rem 0;border-bottom:1px solid "
    "var(--line)}"
    "thead~tbody td{display:block;border:0;padding:.1rem .25rem;"
    "white-space:normal}"
    "td[data-is]:empty{display:none}"
    "td[data-is]::before{content:attr(data-is) ': ';color:var(--soft)}}\n";

/* -- a histogram's row ----------------------------------------------------- */

/* The upper bound of the bucket that a part of all falls into, microseconds;
 * -1: above them all. */
static apr_interval_time_t bound_of(const counters_times_t *times, double part)
{
    apr_uint64_t seen = 0;
    int i;

    for (i = 0; i < COUNTERS_BUCKETS - 1; i++) {
        seen += times->buckets[i];
        if ((double)seen >= (double)times->count * part)
            return counters_bounds[i];
    }
    return -1;
}

static const char *milliseconds(apr_pool_t *pool, double microseconds)
{
    return apr_psprintf(pool, "%.3f ms", microseconds / 1000);
}

static void write_part(request_rec *r, const counters_times_t *times,
                       double part)
{
    apr_interval_time_t bound = bound_of(times, part);

    if (bound < 0)
        ap_rprintf(r, "&gt; %s",
                   milliseconds(r->pool,
                                (double)counters_bounds[COUNTERS_BUCKETS - 2]));
    else
        ap_rprintf(r, "&le; %s", milliseconds(r->pool, (double)bound));
    ap_rprintf(r, " <i>for %d %%</i>", (int)(part * 100 + .5));
}

static void status_html_write_times(request_rec *r,
                                    const counters_times_t *times)
{
    static const double parts[] = { .5, .9, .99 };
    unsigned i;

    if (!times->count) {
        ap_rputs("none yet", r);
        return;
    }
    ap_rprintf(r, "<b>%s</b> <i>on average of %" APR_UINT64_T_FMT "</i>",
               milliseconds(r->pool, (double)times->sum / (double)times->count),
               times->count);
    for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        ap_rputs(", ", r);
        write_part(r, times, parts[i]);
    }
}

/* -- a section as rows: one a family --------------------------------------- */

static void status_html_write_words(request_rec *r,
                                    const status_sample_t *sample)
{
    int i;

    for (i = 0; sample->labels[i].name; i++)
        ap_rprintf(r, "%s<i>%s</i> %s", i ? "<br>" : "",
                   status_html_text(r, sample->labels[i].name),
                   status_html_text(r, sample->labels[i].value));
}

static void status_html_write_sample(request_rec *r,
                                     const status_family_t *family,
                                     const status_sample_t *sample)
{
    const status_label_t *label;

    if (family->type == STATUS_HISTOGRAM) {
        status_html_write_times(r, sample->times);
        return;
    }
    if (family->type == STATUS_INFO) {
        status_html_write_words(r, sample);
        return;
    }
    ap_rputs(status_html_value(r, family, sample->value), r);
    for (label = sample->labels; label->name; label++)
        ap_rprintf(r, "&nbsp;%s", status_html_text(r, label->value));
}

static void write_row(request_rec *r, const status_family_t *family)
{
    int i;

    ap_rprintf(r, "<tr><th>%s</th><td>", status_html_text(r, family->help));
    for (i = 0; i < family->samples->nelts; i++) {
        ap_rputs(i ? ", " : "", r);
        status_html_write_sample(
            r, family, &APR_ARRAY_IDX(family->samples, i, status_sample_t));
    }
    ap_rputs(i ? "</td></tr>\n" : "none</td></tr>\n", r);
}

/* -- the page -------------------------------------------------------------- */

static void write_section_of(request_rec *r, const char *section,
                             const apr_array_header_t *families)
{
    int i;

    ap_rprintf(r, "<h2>%s</h2>\n<div><table>\n", status_html_text(r, section));
    if (strcmp(section, STATUS_SECTION_CAS) == 0) {
        status_html_cas(r, families);
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
        const char *section =
            APR_ARRAY_IDX(table, i, status_family_t *)->section;

        families->nelts = 0;
        for (next = i; next < table->nelts; next++) {
            status_family_t *family =
                APR_ARRAY_IDX(table, next, status_family_t *);

            if (strcmp(family->section, section) != 0)
                break;
            APR_ARRAY_PUSH(families, status_family_t *) = family;
        }
        write_section_of(r, section, families);
    }
}

void status_write_html(request_rec *r, const apr_array_header_t *table)
{
    const char *host = status_html_text(r, ap_get_server_name(r));

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
               status_html_date(r->pool, (double)apr_time_sec(apr_time_now())));
    write_sections(r, table);
    ap_rputs("</body>\n</html>\n", r);
}

void status_write_section(request_rec *r, const apr_array_header_t *table)
{
    ap_rputs("<hr>\n<h1>OCSP responder</h1>\n", r);
    write_sections(r, table);
}
