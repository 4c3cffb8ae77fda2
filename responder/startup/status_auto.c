/* SPDX-License-Identifier: Apache-2.0
 * The table as mod_status' ?auto prints: "Key: value", one a line. */
#include "apr_lib.h"
#include "apr_strings.h"
#include "http_protocol.h"

#include "startup/status_table.h"

/* "OCSPResponderNeverIssued" of "never_issued", with the value of a label
 * behind: "OCSPResponderRequestsGET". */
static const char *status_auto_key_of(apr_pool_t *pool, const char *before,
                                      const char *name)
{
    char *key = apr_pstrcat(pool, before, name, NULL);
    char *to = key + strlen(before);
    int starts = 1;

    for (; *name; name++) {
        if (!apr_isalnum(*name)) {
            starts = 1;
            continue;
        }
        *to++ = (char)(starts ? apr_toupper(*name) : *name);
        starts = 0;
    }
    *to = '\0';
    return key;
}

static void status_auto_write_times(request_rec *r, const char *key,
                                    const counters_times_t *times)
{
    ap_rprintf(r, "%sCount: %" APR_UINT64_T_FMT "\n%sSeconds: %s\n", key,
               times->count, key, status_seconds(r->pool, times->sum));
}

static void status_auto_write_sample(request_rec *r,
                                     const status_family_t *family,
                                     const status_sample_t *sample)
{
    const char *key =
        status_auto_key_of(r->pool, "OCSPResponder", family->name);
    const status_label_t *label;

    if (family->type == STATUS_INFO) {
        for (label = sample->labels; label->name; label++)
            ap_rprintf(r, "%s: %s\n",
                       status_auto_key_of(r->pool, key, label->name),
                       label->value);
        return;
    }
    for (label = sample->labels; label->name; label++)
        key = status_auto_key_of(r->pool, key, label->value);
    if (family->type == STATUS_HISTOGRAM)
        status_auto_write_times(r, key, sample->times);
    else
        ap_rprintf(r, "%s: %s\n", key, status_number(r->pool, sample->value));
}

void status_write_auto(request_rec *r, const apr_array_header_t *table)
{
    int i, j;

    for (i = 0; i < table->nelts; i++) {
        const status_family_t *family =
            APR_ARRAY_IDX(table, i, status_family_t *);

        for (j = 0; j < family->samples->nelts; j++)
            status_auto_write_sample(
                r, family, &APR_ARRAY_IDX(family->samples, j, status_sample_t));
    }
}
