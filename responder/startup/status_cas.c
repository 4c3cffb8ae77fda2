/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_table.h"

#include "apr_hash.h"
#include "apr_strings.h"

#include "ocsp/describe.h"
#include "ocsp/key_file.h"
#include "serve/responders.h"

/* -- who answers for whom -------------------------------------------------- */

enum {
    VIEW_CA,
    VIEW_READY,
    VIEW_NOT_AFTER,
    VIEW_SIGNER,
    VIEW_RENEWED,
    VIEW_LOOKED_AT,
    VIEWS
};

static const status_family_t views[VIEWS] = {
    [VIEW_CA] = { .name = "ca",
                  .help = "A CA that is answered for.",
                  .type = STATUS_INFO },
    [VIEW_READY] = { .title = "can sign",
                     .name = "signer_ready",
                     .help = "1 where a CA has a key and a certificate that is "
                             "valid now, 0 where not.",
                     .type = STATUS_GAUGE,
                     .unit = STATUS_YES },
    [VIEW_NOT_AFTER] = { .title = "ends",
                         .name = "signer_not_after",
                         .help = "When the responder's certificate ends.",
                         .type = STATUS_GAUGE,
                         .unit = STATUS_DEADLINE },
    [VIEW_SIGNER] = { .title = "responder's certificate",
                      .name = "signer",
                      .help = "Who signs for a CA: serial, issuer and key.",
                      .type = STATUS_INFO },
    [VIEW_RENEWED] = { .title = "renewed",
                       .name = "signer_not_before",
                       .help = "When the responder's certificate began, which "
                               "is when it was last renewed.",
                       .type = STATUS_GAUGE,
                       .unit = STATUS_TIMESTAMP },
    [VIEW_LOOKED_AT] = { .name = "ca_looked_at",
                         .help = "When this process last read the CA from its "
                                 "source.",
                         .type = STATUS_GAUGE,
                         .unit = STATUS_TIMESTAMP },
};

/* How long a page waits for CAs and signers that are not known yet. */
#define PATIENCE apr_time_from_sec(1)

typedef struct {
    apr_hash_t *seen;    /* CAs with their signers, in words */
    apr_time_t deadline; /* after it, what is known counts */
    status_family_t *families[VIEWS];
} view_t;

/* Families stay where they are once no more are added. */
static void add_families(apr_array_header_t *table, view_t *view)
{
    int first = table->nelts, i;

    for (i = 0; i < VIEWS; i++)
        status_add_family(table, views[i])->section = STATUS_SECTION_CAS;
    for (i = 0; i < VIEWS; i++)
        view->families[i] = &APR_ARRAY_IDX(table, first + i, status_family_t);
}

/* A sample about a CA and who signs for it. */
static status_sample_t *add(status_family_t *family, double value,
                            const authority_t *authority)
{
    status_sample_t *sample =
        status_add_sample(family, value, "ca", authority->issuer->serial);

    if (authority->signer)
        status_add_label(sample, "certificate", authority->signer->serial);
    return sample;
}

static double seconds(apr_time_t time)
{
    return (double)apr_time_sec(time);
}

static void add_signer(view_t *view, apr_pool_t *pool,
                       const authority_t *authority)
{
    const signer_t *signer = authority->signer;
    status_sample_t *sample = add(view->families[VIEW_SIGNER], 1, authority);

    status_add_label(sample, "issuer",
                     describe_name(pool,
                                   X509_get_issuer_name(signer->certificate)));
    status_add_label(sample, "key", describe_key(pool, signer->key));
    add(view->families[VIEW_NOT_AFTER], seconds(signer->not_after), authority);
    add(view->families[VIEW_RENEWED], seconds(signer->not_before), authority);
}

/* Whether it is the first time, of several locations that say the same. */
static int is_new(view_t *view, apr_pool_t *pool, const authority_t *authority)
{
    const char *key =
        apr_pstrcat(pool, authority->issuer->serial, " ",
                    authority->signer ? authority->signer->serial : "", NULL);

    if (apr_hash_get(view->seen, key, APR_HASH_KEY_STRING))
        return 0;
    apr_hash_set(view->seen, key, APR_HASH_KEY_STRING, key);
    return 1;
}

static const char *name_of(apr_pool_t *pool, const ca_entry_t *entry)
{
    const char *why;
    X509 *certificate = key_file_certificate(pool, entry->ca.certificate, &why);

    return certificate ? describe_name(pool, X509_get_subject_name(certificate))
                       : entry->ca.name;
}

static void add_ca(view_t *view, apr_pool_t *pool, const ca_entry_t *entry,
                   apr_time_t taken_at)
{
    status_sample_t *sample;
    const char *serial = entry->serial;

    if (apr_hash_get(view->seen, serial, APR_HASH_KEY_STRING))
        return;
    apr_hash_set(view->seen, serial, APR_HASH_KEY_STRING, serial);
    sample = status_add_sample(view->families[VIEW_CA], 1, "ca", serial);
    status_add_label(sample, "name", name_of(pool, entry));
    status_add_sample(view->families[VIEW_LOOKED_AT], seconds(taken_at), "ca",
                      serial);
}

static void add_entry(view_t *view, apr_pool_t *pool, const ca_entry_t *entry,
                      const authority_t *authority, apr_time_t taken_at)
{
    add_ca(view, pool, entry, taken_at);
    if (!authority || !authority->issuer || !is_new(view, pool, authority))
        return;
    add(view->families[VIEW_READY],
        authority_may_sign(authority, apr_time_now()), authority);
    if (authority->signer)
        add_signer(view, pool, authority);
}

/* Who signs for a CA is found out when it is first asked for. */
static const authority_t *authority_of(const view_t *view, request_rec *r,
                                       responder_t *responder,
                                       const ocsp_responder_call_t *call,
                                       const ca_entry_t *entry)
{
    ocsp_responder_lookup_t result;
    const char *why;

    return apr_time_now() < view->deadline
        ? responder_authority(responder, call, entry, &result, &why)
        : responder_known_authority(responder, r->pool, entry);
}

static void visit(void *context, request_rec *r, responder_t *responder)
{
    view_t *view = context;
    const ocsp_responder_call_t call = { .pool = r->pool,
                                         .server = r->server,
                                         .deadline = view->deadline };
    ocsp_responder_lookup_t result;
    const char *why;
    apr_time_t taken_at;
    const ca_set_t *set;
    int i;

    if (!responder_cas(responder, &call, 0, &result, &why))
        return;
    set = responder_known_cas(responder, r->pool, &taken_at);
    for (i = 0; set && i < set->count; i++)
        add_entry(view, r->pool, &set->entries[i],
                  authority_of(view, r, responder, &call, &set->entries[i]),
                  taken_at);
}

/* -- what was counted ------------------------------------------------------ */

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
                                   "issued: guesses, or certificates that the "
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
    view_t view = { .seen = apr_hash_make(r->pool),
                    .deadline = apr_time_now() + PATIENCE };

    add_answers(table);
    add_never_issued(table);
    if (is_short)
        return;
    add_families(table, &view);
    responders_each(r, visit, &view);
}
