/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_table.h"

#include "apr_strings.h"
#include "apu_version.h"
#include <openssl/crypto.h>

#include "mod_ocsp_responder.h"

/* -- building -------------------------------------------------------------- */

status_family_t *status_add_family(apr_array_header_t *table,
                                   status_family_t family)
{
    status_family_t *added = apr_array_push(table);

    *added = family;
    added->samples = apr_array_make(table->pool, 4, sizeof(status_sample_t));
    return added;
}

void status_add_label(status_sample_t *sample, const char *name,
                      const char *value)
{
    int i = 0;

    while (i < STATUS_LABELS && sample->labels[i].name)
        i++;
    if (i < STATUS_LABELS && name && value) {
        sample->labels[i].name = name;
        sample->labels[i].value = value;
    }
}

status_sample_t *status_add_sample(status_family_t *family, double value,
                                   const char *label, const char *text)
{
    status_sample_t *sample = apr_array_push(family->samples);

    memset(sample, 0, sizeof(*sample));
    sample->value = value;
    status_add_label(sample, label, text);
    return sample;
}

const char *status_number(apr_pool_t *pool, double value)
{
    char *text, *end;

    if (value == (double)(apr_int64_t)value)
        return apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)value);
    text = apr_psprintf(pool, "%.6f", value);
    for (end = text + strlen(text); end[-1] == '0'; end--)
        end[-1] = '\0';
    return text;
}

/* -- what the counters say ------------------------------------------------- */

static void add_counters(apr_array_header_t *table)
{
    const counters_family_t *row;
    int i;

    for (row = counters_families; row->name; row++) {
        status_family_t *family =
            status_add_family(table,
                              (status_family_t){ .section = row->section,
                                                 .name = row->name,
                                                 .help = row->help,
                                                 .type = STATUS_COUNTER });

        for (i = 0; row->values[i]; i++)
            status_add_sample(family, (double)counters_value(row->first + i),
                              row->label, row->values[i]);
    }
}

static void add_times(apr_array_header_t *table)
{
    static const struct {
        counter_time_t timer;
        const char *name, *help;
    } rows[] = { { COUNTER_TIME_LOOKUP, "lookup_duration",
                   "How long the look-up of a request's statuses took." },
                 { COUNTER_TIME_SIGNING, "signing_duration",
                   "How long a signature took." },
                 { COUNTER_TIME_REQUEST, "request_duration",
                   "How long a request took, from its headers to the last byte "
                   "sent." } };
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        status_family_t *family =
            status_add_family(table,
                              (status_family_t){ .section = "Times",
                                                 .name = rows[i].name,
                                                 .help = rows[i].help,
                                                 .type = STATUS_HISTOGRAM,
                                                 .unit = STATUS_SECONDS });

        counters_times_t *times = apr_palloc(table->pool, sizeof(*times));

        counters_times(rows[i].timer, times);
        status_add_sample(family, 0, NULL, NULL)->times = times;
    }
}

static void add_messages(apr_array_header_t *table)
{
    status_family_t *family = status_add_family(
        table,
        (status_family_t){ .section = "Messages",
                           .name = "messages",
                           .help = "Faults by the id of their message, "
                                   "written to the error log or held back.",
                           .type = STATUS_COUNTER });
    int i;

    for (i = 0; i < COUNTERS_MESSAGES; i++) {
        apr_uint64_t count = counters_message(i);

        if (count)
            status_add_sample(family, (double)count, "id",
                              apr_psprintf(table->pool, "OCSP%04d", i));
    }
}

/* -- what was built and runs ----------------------------------------------- */

static void add_build(apr_array_header_t *table)
{
    status_family_t *build =
        status_add_family(table,
                          (status_family_t){ .section = "Server",
                                             .name = "build",
                                             .help = "What runs here.",
                                             .type = STATUS_INFO });
    status_family_t *since = status_add_family(
        table,
        (status_family_t){ .section = "Server",
                           .name = "counting_since",
                           .help = "When counting began; a graceful restart "
                                   "goes on.",
                           .type = STATUS_GAUGE,
                           .unit = STATUS_TIMESTAMP });
    const apr_int64_t seconds = apr_time_sec(counters_since());
    status_sample_t *sample =
        status_add_sample(build, 1, "version", OCSP_RESPONDER_VERSION);

    status_add_label(sample, "httpd", ap_get_server_description());
    status_add_label(sample, "openssl", OpenSSL_version(OPENSSL_VERSION));
    status_add_label(sample, "apr_util", apu_version_string());
    status_add_sample(since, (double)seconds, NULL, NULL);
}

const apr_array_header_t *status_table(request_rec *r, int is_short)
{
    apr_array_header_t *table =
        apr_array_make(r->pool, 32, sizeof(status_family_t));

    status_add_cas(table, r, is_short);
    add_counters(table);
    status_add_cache(table, r);
    add_times(table);
    add_messages(table);
    if (!is_short)
        status_add_databases(table);
    add_build(table);
    return table;
}
