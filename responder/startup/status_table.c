/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_table.h"

#include "apr_strings.h"
#include "apu_version.h"
#include <openssl/crypto.h>

#include "mod_ocsp_responder.h"

/* -- building -------------------------------------------------------------- */

status_family_t *status_add_family(apr_array_header_t *table,
                                   const char *section, const char *name,
                                   status_type_t type, status_unit_t unit,
                                   const char *help)
{
    status_family_t *family = apr_pcalloc(table->pool, sizeof(*family));

    family->section = section;
    family->name = name;
    family->type = type;
    family->unit = unit;
    family->help = help;
    family->samples = apr_array_make(table->pool, 4, sizeof(status_sample_t));
    APR_ARRAY_PUSH(table, status_family_t *) = family;
    return family;
}

void status_add_label(status_sample_t *sample, const char *name,
                      const char *value)
{
    int i = 0;

    while (sample->labels[i].name)
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

const char *status_seconds(apr_pool_t *pool, apr_uint64_t microseconds)
{
    return status_number(pool, (double)microseconds / APR_USEC_PER_SEC);
}

/* -- what the counters say ------------------------------------------------- */

static void add_counters(apr_array_header_t *table)
{
    int name, i;

    for (name = COUNTERS_NO_FAMILY + 1; name < COUNTERS_FAMILIES; name++) {
        const counters_family_t *row = &counters_families[name];
        status_family_t *family =
            status_add_family(table, row->section, row->name, STATUS_COUNTER,
                              STATUS_PLAIN, row->help);

        for (i = 0; row->values[i]; i++)
            status_add_sample(family, (double)counters_value(name, i),
                              row->label, row->values[i]);
    }
}

static void status_table_add_time(apr_array_header_t *table,
                                  counter_time_t timer, const char *name,
                                  const char *help)
{
    counters_times_t *times = apr_palloc(table->pool, sizeof(*times));

    counters_times(timer, times);
    status_add_sample(status_add_family(table, "Times", name, STATUS_HISTOGRAM,
                                        STATUS_SECONDS, help),
                      0, NULL, NULL)
        ->times = times;
}

static void add_messages(apr_array_header_t *table)
{
    status_family_t *family = status_add_family(
        table, "Messages", "messages", STATUS_COUNTER, STATUS_PLAIN,
        "Faults by the id of their message, written to the error log or held "
        "back.");
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
    status_sample_t *build = status_add_sample(
        status_add_family(table, "Server", "build", STATUS_INFO, STATUS_PLAIN,
                          "What runs here."),
        1, "version", OCSP_RESPONDER_VERSION);
    status_family_t *since =
        status_add_family(table, "Server", "counting_since", STATUS_GAUGE,
                          STATUS_TIMESTAMP,
                          "When counting began; a graceful restart goes on.");

    status_add_label(build, "httpd", ap_get_server_description());
    status_add_label(build, "openssl", OpenSSL_version(OPENSSL_VERSION));
    status_add_label(build, "apr_util", apu_version_string());
    status_add_sample(since, (double)apr_time_sec(counters_since()), NULL,
                      NULL);
}

const apr_array_header_t *status_table(request_rec *r, int is_short)
{
    apr_array_header_t *table =
        apr_array_make(r->pool, 32, sizeof(status_family_t *));

    status_add_cas(table, r, is_short);
    add_counters(table);
    status_add_cache(table, r);
    status_table_add_time(table, COUNTER_TIME_LOOKUP, "lookup_duration",
                          "How long the look-up of a request's statuses took.");
    status_table_add_time(table, COUNTER_TIME_SIGNING, "signing_duration",
                          "How long a signature took.");
    status_table_add_time(
        table, COUNTER_TIME_REQUEST, "request_duration",
        "How long a request took, from its headers to the last byte sent.");
    add_messages(table);
    if (!is_short)
        status_add_databases(table);
    add_build(table);
    return table;
}
