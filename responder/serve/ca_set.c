/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ca_set.h"

#include "apr_strings.h"

#include "ocsp/ca_name.h"
#include "ocsp/certificate.h"
#include "ocsp/key_file.h"
#include "ocsp/serial.h"
#include "base/der_reader.h"
#include "base/text_hash.h"
#include "serve/ca_index.h"

/* What a set is made of. */
typedef struct {
    apr_pool_t *pool;    /* of the set */
    apr_pool_t *scratch; /* of the call: much, where there are many CAs */
    const config_t *config;
    const ca_set_t *old; /* NULL: none */
    const ocsp_responder_ca_t *cas;
    int count;
    ca_set_t *set;
} maker_t;

int ca_set_find(const ca_set_t *set, const request_certid_t *certid,
                const ca_entry_t **entry)
{
    return ca_index_find(set->index, certid, entry);
}

const ca_entry_t *ca_set_by_id(const ca_set_t *set, const char *id)
{
    int i;

    for (i = 0; i < set->count; i++)
        if (strcmp(set->entries[i].ca.id, id) == 0)
            return &set->entries[i];
    return NULL;
}

/* -- entries --------------------------------------------------------------- */

static int same_text(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

static int same_ca(const ocsp_responder_ca_t *one,
                   const ocsp_responder_ca_t *other)
{
    return same_text(one->id, other->id) && same_text(one->name, other->name)
        && same_text(one->cn, other->cn)
        && same_text(one->stored, other->stored)
        && one->validity == other->validity
        && one->is_retired == other->is_retired
        && same_text(one->key_revision, other->key_revision)
        && bytes_equal(one->certificate, other->certificate);
}

ocsp_responder_ca_t ca_set_copy(apr_pool_t *pool, const ocsp_responder_ca_t *ca)
{
    ocsp_responder_ca_t copy = *ca;

    copy.id = apr_pstrdup(pool, ca->id);
    copy.name = apr_pstrdup(pool, ca->name);
    copy.cn = apr_pstrdup(pool, ca->cn);
    copy.stored = apr_pstrdup(pool, ca->stored);
    copy.key_revision = apr_pstrdup(pool, ca->key_revision);
    copy.certificate =
        bytes_copy(pool, ca->certificate.data, ca->certificate.len);
    return copy;
}

/* The DER of a certificate in PEM or DER. */
static bytes_t der_of(const maker_t *maker, bytes_t certificate,
                      const char **why)
{
    bytes_t der = { NULL, 0 };
    X509 *decoded;

    if (certificate.len && *certificate.data == DER_SEQUENCE)
        return certificate;
    decoded = key_file_certificate(maker->scratch, certificate, why);
    if (decoded)
        certificate_der(&der, maker->pool, decoded);
    return der;
}

static int ca_set_fill(const maker_t *maker, ca_entry_t *entry,
                       const char **why)
{
    bytes_t der = der_of(maker, entry->ca.certificate, why);

    entry->serial = serial_of_certificate(maker->pool, der);
    if (entry->serial && *entry->ca.id && issuer_name(&entry->name, der))
        return 1;
    *why = "its certificate cannot be read";
    return 0;
}

static void note_unreadable(const maker_t *maker, const ocsp_responder_ca_t *ca,
                            const char *why)
{
    const char *text = config_ca_is_path(maker->config)
        ? apr_psprintf(maker->pool, "%s holds no certificate in PEM or DER",
                       ca->id)
        : apr_psprintf(maker->pool, "the CA stored as %s: %s",
                       *ca->stored ? ca->stored : "NULL", why);

    APR_ARRAY_PUSH(maker->set->unreadable, const char *) = text;
}

/* Puts those that were renewed with the same name and key behind the first. */
static void link_twins(const maker_t *maker)
{
    apr_hash_t *firsts = text_hash_make(maker->scratch);
    ca_set_t *set = maker->set;
    int i;

    for (i = 0; i < set->count; i++) {
        ca_entry_t *entry = &set->entries[i], *first;
        /* As a CertID has them: without the key's algorithm, which may be
         * written in more than one way. */
        bytes_t both =
            bytes_join(maker->scratch, entry->name.name, entry->name.key);

        first = apr_hash_get(firsts, both.data, (apr_ssize_t)both.len);
        if (!first)
            apr_hash_set(firsts, both.data, (apr_ssize_t)both.len, entry);
        for (; first; first = first->next) {
            if (first->next)
                continue;
            first->next = entry;
            entry->has_twin = 1;
            break;
        }
    }
}

/* -- when they have ended -------------------------------------------------- */

/* Of the validity of a certificate; for ever, if it cannot be read. */
static apr_time_t end_of(const maker_t *maker, bytes_t certificate)
{
    apr_time_t begin, end;
    const char *why;
    X509 *decoded = key_file_certificate(maker->scratch, certificate, &why);

    return decoded && certificate_validity(&begin, &end, decoded)
        ? end
        : APR_INT64_MAX;
}

static void later(apr_time_t *end, apr_time_t other)
{
    if (other > *end)
        *end = other;
}

/* All twins end with the last. */
static void note_ends(const maker_t *maker)
{
    ca_set_t *set = maker->set;
    int i;

    for (i = 0; i < set->count && config_never_expires(maker->config); i++) {
        ca_entry_t *first = &set->entries[i], *entry;
        apr_time_t end = set->renewed_until;

        if (first->has_twin)
            continue;
        for (entry = first; entry; entry = entry->next)
            later(&end, end_of(maker, entry->ca.certificate));
        for (entry = first; entry; entry = entry->next)
            entry->end = end;
    }
}

/* Looks for those that the one CA that is meant was renewed as. */
static ocsp_responder_lookup_t find_renewals(const maker_t *maker,
                                             const registry_source_t *source,
                                             const ocsp_responder_call_t *call,
                                             const char **why)
{
    const ocsp_responder_ca_t *listed;
    ocsp_responder_lookup_t result;
    const char *fault;
    issuer_name_t name;
    int count, i;

    if (!config_never_expires(maker->config) || config_ca_is_all(maker->config)
        || !source->source->list_cas
        || !issuer_name(&name, der_of(maker, maker->cas->certificate, &fault)))
        return OCSP_RESPONDER_LOOKUP_DONE;
    result = source->source->list_cas(source->instance, call, NULL, &listed,
                                      &count, why);
    for (i = 0; result == OCSP_RESPONDER_LOOKUP_DONE && i < count; i++)
        if (issuer_has_name(der_of(maker, listed[i].certificate, &fault),
                            &name))
            later(&maker->set->renewed_until,
                  end_of(maker, listed[i].certificate));
    return result;
}

/* -------------------------------------------------------------------------- */

static void add_all(maker_t *maker)
{
    ca_set_t *set = maker->set;
    int i;

    set->entries =
        apr_pcalloc(maker->pool, (maker->count + 1) * sizeof(*set->entries));
    for (i = 0; i < maker->count; i++) {
        ca_entry_t *entry = &set->entries[set->count];
        const char *why = NULL;

        memset(entry, 0, sizeof(*entry));
        entry->ca = ca_set_copy(maker->pool, &maker->cas[i]);
        entry->is_file = config_ca_is_path(maker->config);
        if (ca_set_fill(maker, entry, &why))
            set->count++;
        else
            note_unreadable(maker, &maker->cas[i], why);
    }
    link_twins(maker);
    note_ends(maker);
    set->index = ca_index_create(maker->pool, set->entries, set->count);
}

/* -- which CAs ------------------------------------------------------------- */

/* What is read of the CA whose certificate's file is named. */
static int ca_set_read_file(maker_t *maker, const char **why)
{
    const char *path = maker->config->ca;
    ocsp_responder_ca_t *ca = apr_pcalloc(maker->scratch, sizeof(*ca));

    ca->certificate = key_file_read(maker->scratch, path, why);
    if (!ca->certificate.data) {
        *why = apr_psprintf(maker->scratch, "OCSPResponderCA: %s", *why);
        return 0;
    }
    ca->id = path;
    ca->name = ca->cn = ca->stored = "";
    maker->cas = ca;
    maker->count = 1;
    return 1;
}

/* The one CA that is meant of those listed. */
static int ca_set_choose(maker_t *maker, const char **why)
{
    const ca_name_candidate_t *chosen;
    ca_name_candidate_t *candidates =
        apr_palloc(maker->scratch, (maker->count + 1) * sizeof(*candidates));
    int i, count = 0;

    for (i = 0; i < maker->count; i++) {
        candidates[count].ca = &maker->cas[i];
        candidates[count].serial =
            serial_of_certificate(maker->scratch, maker->cas[i].certificate);
        if (candidates[count].serial)
            count++;
        else
            note_unreadable(maker, &maker->cas[i],
                            "its certificate cannot be read");
    }
    chosen = ca_name_choose(maker->scratch, candidates, count,
                            maker->config->ca, why);
    if (!chosen) {
        *why = apr_psprintf(maker->scratch, "OCSPResponderCA: %s", *why);
        return 0;
    }
    maker->cas = chosen->ca;
    maker->count = 1;
    return 1;
}

static ocsp_responder_lookup_t find_cas(maker_t *maker,
                                        const registry_source_t *source,
                                        const ocsp_responder_call_t *call,
                                        const char **why)
{
    int all = config_ca_is_all(maker->config);
    ocsp_responder_lookup_t result;

    if (config_ca_is_path(maker->config))
        return ca_set_read_file(maker, why) ? OCSP_RESPONDER_LOOKUP_DONE
                                            : OCSP_RESPONDER_LOOKUP_FAILED;
    if (!source->source->list_cas) {
        *why = apr_psprintf(maker->scratch,
                            "OCSPResponderCA: the source %s holds no "
                            "certificates of CAs; name the CA by the absolute "
                            "path of its certificate",
                            source->source->name);
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    result = source->source->list_cas(source->instance, call,
                                      all ? NULL : maker->config->ca,
                                      &maker->cas, &maker->count, why);
    if (result != OCSP_RESPONDER_LOOKUP_DONE)
        return result;
    return all || ca_set_choose(maker, why) ? OCSP_RESPONDER_LOOKUP_DONE
                                            : OCSP_RESPONDER_LOOKUP_FAILED;
}

void ca_set_tell(ocsp_responder_call_t *call, const ca_set_t *set)
{
    ocsp_responder_ca_t *known =
        apr_palloc(call->pool, (set->count + 1) * sizeof(*known));
    int i;

    for (i = 0; i < set->count; i++)
        known[i] = set->entries[i].ca;
    call->known = known;
    call->known_count = set->count;
}

/* -- all of it ------------------------------------------------------------- */

/* A set with CAs that could not be read is made anew: they may be mended. */
static int is_unchanged(const maker_t *maker)
{
    const ca_set_t *old = maker->old;
    int i;

    if (!old || old->count != maker->count || old->unreadable->nelts
        || old->renewed_until != maker->set->renewed_until)
        return 0;
    for (i = 0; i < old->count; i++)
        if (!same_ca(&old->entries[i].ca, &maker->cas[i]))
            return 0;
    return 1;
}

ocsp_responder_lookup_t ca_set_load(const ca_set_t **set, apr_pool_t *pool,
                                    const config_t *config,
                                    const registry_source_t *source,
                                    const ocsp_responder_call_t *call,
                                    const char **why)
{
    maker_t maker = { .pool = pool,
                      .scratch = call->pool,
                      .config = config,
                      .old = *set,
                      .set = apr_pcalloc(pool, sizeof(*maker.set)) };
    ocsp_responder_lookup_t result;

    maker.set->unreadable = apr_array_make(pool, 0, sizeof(char *));
    result = find_cas(&maker, source, call, why);
    if (result == OCSP_RESPONDER_LOOKUP_DONE)
        result = find_renewals(&maker, source, call, why);
    if (result != OCSP_RESPONDER_LOOKUP_DONE)
        return result;
    if (is_unchanged(&maker))
        return result;
    add_all(&maker);
    if (!maker.set->index) {
        *why = "out of memory";
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    }
    *set = maker.set;
    if (maker.set->count || config_ca_is_all(config))
        return result;
    *why = apr_psprintf(call->pool, "OCSPResponderCA: %s",
                        APR_ARRAY_IDX(maker.set->unreadable, 0, const char *));
    return OCSP_RESPONDER_LOOKUP_FAILED;
}
