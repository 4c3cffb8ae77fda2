/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_cas.h"

static void add_answers(apr_array_header_t *table)
{
    static const struct {
        counter_ca_t counter;
        const char *status;
    } rows[] = { { COUNTER_CA_GOOD, "good" },
                 { COUNTER_CA_REVOKED, "revoked" },
                 { COUNTER_CA_UNKNOWN, "unknown" } };
    const apr_array_header_t *cas = counters_list_cas(table->pool);
    status_family_t *answers =
        status_add_family(table,
                          (status_family_t){ .section = STATUS_SECTION_CAS,
                                             .title = "answers",
                                             .name = "answers",
                                             .help = "Statuses that were sent.",
                                             .type = STATUS_COUNTER });
    int i;
    unsigned j;

    for (i = 0; i < cas->nelts; i++) {
        const counters_ca_t *ca = &APR_ARRAY_IDX(cas, i, counters_ca_t);

        for (j = 0; j < sizeof(rows) / sizeof(*rows); j++)
            status_add_label(
                status_add_sample(answers, (double)ca->counts[rows[j].counter],
                                  "ca", ca->serial),
                "status", rows[j].status);
    }
}

static void add_never_issued(apr_array_header_t *table)
{
    const apr_array_header_t *cas = counters_list_cas(table->pool);
    status_family_t *family = status_add_family(
        table,
        (status_family_t){ .section = STATUS_SECTION_CAS,
                           .title = "never issued",
                           .name = "never_issued",
                           .help = "Serials asked for that the CA has never "
                                   "issued: guesses, or a certificate that the "
                                   "CA does not know of.",
                           .type = STATUS_COUNTER });
    int i;

    for (i = 0; i < cas->nelts; i++) {
        const counters_ca_t *ca = &APR_ARRAY_IDX(cas, i, counters_ca_t);

        status_add_sample(family, (double)ca->counts[COUNTER_CA_NEVER_ISSUED],
                          "ca", ca->serial);
    }
}

void status_add_cas(apr_array_header_t *table, request_rec *r, int is_short)
{
    (void)r;
    (void)is_short;
    add_answers(table);
    add_never_issued(table);
}
