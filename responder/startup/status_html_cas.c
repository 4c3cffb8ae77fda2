/* SPDX-License-Identifier: Apache-2.0
 * The CAs on the page: one row each, and a column for each family. */
#include "apr_hash.h"
#include "http_protocol.h"

#include "startup/status_html.h"

/* Puts the samples of each CA in a list, by its serial, and CAs that no family
 * before has among cas. */
static apr_hash_t *index_samples(request_rec *r, const status_family_t *family,
                                 apr_array_header_t *cas, apr_hash_t *seen)
{
    apr_hash_t *index = apr_hash_make(r->pool);
    int i;

    for (i = 0; i < family->samples->nelts; i++) {
        status_sample_t *sample =
            &APR_ARRAY_IDX(family->samples, i, status_sample_t);
        const char *ca = sample->labels[0].value;
        apr_array_header_t *list = apr_hash_get(index, ca, APR_HASH_KEY_STRING);

        if (!list) {
            list = apr_array_make(r->pool, 4, sizeof(sample));
            apr_hash_set(index, ca, APR_HASH_KEY_STRING, list);
        }
        APR_ARRAY_PUSH(list, status_sample_t *) = sample;
        if (!apr_hash_get(seen, ca, APR_HASH_KEY_STRING)) {
            apr_hash_set(seen, ca, APR_HASH_KEY_STRING, ca);
            APR_ARRAY_PUSH(cas, const char *) = ca;
        }
    }
    return index;
}

static void write_about(request_rec *r, const status_family_t *family,
                        const status_sample_t *sample)
{
    int i;

    for (i = 1; sample->labels[i].name; i++) {
        const status_label_t *label = &sample->labels[i];
        const char *text = status_html_text(r, label->value);
        int is_serial = strcmp(label->name, "certificate") == 0;

        if (family->type == STATUS_INFO)
            ap_rprintf(r, is_serial ? "%s<code>%s</code>" : "%s%s",
                       i > 1 ? "<br>" : "", text);
        else if (!is_serial)
            ap_rprintf(r, " %s", text);
    }
}

static void write_cell(request_rec *r, const status_family_t *family,
                       const apr_array_header_t *samples)
{
    int i;

    for (i = 0; samples && i < samples->nelts; i++) {
        const status_sample_t *sample =
            APR_ARRAY_IDX(samples, i, status_sample_t *);

        if (i)
            ap_rputs("<br>", r);
        if (family->type != STATUS_INFO)
            ap_rputs(status_html_value(r, family, sample->value), r);
        write_about(r, family, sample);
    }
}

/* Below the CA: what there is of information without a title, and when it was
 * read. */
static void status_html_cas_write_words(request_rec *r,
                                        const status_family_t *family,
                                        const apr_array_header_t *samples)
{
    if (family->type == STATUS_INFO) {
        ap_rputs("<br>", r);
        write_cell(r, family, samples);
    }
    else if (samples && family->unit == STATUS_TIMESTAMP) {
        double when = APR_ARRAY_IDX(samples, 0, status_sample_t *)->value;

        ap_rprintf(r, "<br><i>read %s</i>",
                   status_html_distance(r->pool, when));
    }
}

/* The cells of the families with a title, or the words of those without. */
static void write_cells(request_rec *r, const char *ca, int titled,
                        const apr_array_header_t *families,
                        apr_hash_t **indexes)
{
    int i;

    for (i = 0; i < families->nelts; i++) {
        const status_family_t *family =
            APR_ARRAY_IDX(families, i, status_family_t *);
        const apr_array_header_t *samples =
            apr_hash_get(indexes[i], ca, APR_HASH_KEY_STRING);

        if (!family->title != !titled)
            continue;
        if (!titled) {
            status_html_cas_write_words(r, family, samples);
            continue;
        }
        ap_rprintf(r, "</td><td data-is=\"%s\">",
                   status_html_text(r, family->title));
        write_cell(r, family, samples);
    }
}

void status_html_cas(request_rec *r, const apr_array_header_t *families)
{
    apr_array_header_t *cas = apr_array_make(r->pool, 8, sizeof(char *));
    apr_hash_t *seen = apr_hash_make(r->pool);
    apr_hash_t **indexes =
        apr_palloc(r->pool, families->nelts * sizeof(*indexes));
    int i;

    ap_rputs("<thead><tr><th>CA</th>", r);
    for (i = 0; i < families->nelts; i++) {
        const status_family_t *family =
            APR_ARRAY_IDX(families, i, status_family_t *);

        indexes[i] = index_samples(r, family, cas, seen);
        if (family->title)
            ap_rprintf(r, "<th title=\"%s\">%s</th>",
                       status_html_text(r, family->help),
                       status_html_text(r, family->title));
    }
    ap_rputs("</tr></thead>\n<tbody>\n", r);
    for (i = 0; i < cas->nelts; i++) {
        const char *ca = APR_ARRAY_IDX(cas, i, const char *);

        ap_rprintf(r, "<tr><td><code>%s</code>",
                   *ca ? status_html_text(r, ca) : "all others");
        write_cells(r, ca, 0, families, indexes);
        write_cells(r, ca, 1, families, indexes);
        ap_rputs("</td></tr>\n", r);
    }
    ap_rputs(cas->nelts ? "" : "<tr><td>none yet</td></tr>\n", r);
}
