/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ca_set.h"

#include "apr_hash.h"
#include "apr_strings.h"

#include "ocsp/ca_name.h"
#include "ocsp/key_file.h"
#include "ocsp/serial.h"

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

/* -- the index ------------------------------------------------------------- */

/* A hash is as random as can be. */
static apr_size_t slot_of(const ca_set_t *set, const unsigned char *hash)
{
    apr_uint64_t number;

    memcpy(&number, hash, sizeof(number));
    return (apr_size_t)number & (set->size - 1);
}

static void make_slots(ca_set_t *set, apr_pool_t *pool)
{
    apr_size_t wanted = 2 * (apr_size_t)set->count * ISSUER_DIGESTS;

    for (set->size = 8; set->size < wanted;)
        set->size *= 2;
    set->slots = apr_pcalloc(pool, set->size * sizeof(*set->slots));
}

static int is_same_name(const ca_entry_t *one, const ca_entry_t *other)
{
    const issuer_hashes_t *hashes = &one->hashes[0];

    return memcmp(hashes->name, other->hashes[0].name, hashes->len) == 0
        && memcmp(hashes->key, other->hashes[0].key, hashes->len) == 0;
}

/* Whether an entry has the name and key of one that is found already. */
static int add_behind(const ca_set_t *set, ca_entry_t *entry)
{
    apr_size_t i = slot_of(set, entry->hashes[0].key);

    for (; set->slots[i]; i = (i + 1) & (set->size - 1)) {
        ca_entry_t *known = set->entries + (set->slots[i] - set->entries);

        if (!is_same_name(known, entry))
            continue;
        while (known->next)
            known = set->entries + (known->next - set->entries);
        known->next = entry;
        return 1;
    }
    return 0;
}

static void add_to_index(const ca_set_t *set, ca_entry_t *entry)
{
    int i;

    if (add_behind(set, entry))
        return;
    for (i = 0; i < ISSUER_DIGESTS; i++) {
        apr_size_t slot = slot_of(set, entry->hashes[i].key);

        while (set->slots[slot])
            slot = (slot + 1) & (set->size - 1);
        set->slots[slot] = entry;
    }
}

const ca_entry_t *ca_set_find(const ca_set_t *set,
                              const request_certid_t *certid)
{
    apr_size_t i;

    if (certid->key_hash.len < sizeof(apr_uint64_t))
        return NULL;
    for (i = slot_of(set, certid->key_hash.data); set->slots[i];
         i = (i + 1) & (set->size - 1)) {
        if (issuer_hashes_match(set->slots[i]->hashes, certid) == ISSUER_MATCH)
            return set->slots[i];
    }
    return NULL;
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

static int same_certificate(const ocsp_responder_ca_t *one,
                            const ocsp_responder_ca_t *other)
{
    return bytes_equal(one->certificate, other->certificate.data,
                       other->certificate.len);
}

static int same_ca(const ocsp_responder_ca_t *one,
                   const ocsp_responder_ca_t *other)
{
    return same_text(one->id, other->id) && same_text(one->name, other->name)
        && same_text(one->cn, other->cn)
        && same_text(one->stored, other->stored)
        && one->validity == other->validity
        && same_text(one->key_revision, other->key_revision)
        && same_certificate(one, other);
}

static ocsp_responder_ca_t copy_ca(apr_pool_t *pool,
                                   const ocsp_responder_ca_t *ca)
{
    ocsp_responder_ca_t copy = *ca;

    copy.id = apr_pstrdup(pool, ca->id);
    copy.name = apr_pstrdup(pool, ca->name);
    copy.cn = apr_pstrdup(pool, ca->cn);
    copy.stored = apr_pstrdup(pool, ca->stored);
    copy.key_revision = apr_pstrdup(pool, ca->key_revision);
    copy.certificate.data =
        apr_pmemdup(pool, ca->certificate.data, ca->certificate.len);
    return copy;
}

/* Its key need not be one that OpenSSL can read. A pool of its own, as the
 * decoded certificates of many CAs are much. */
static int hash_certificate(const maker_t *maker, ca_entry_t *entry,
                            const char **why)
{
    X509 *certificate;
    apr_pool_t *own;
    int made;

    apr_pool_create(&own, maker->scratch);
    certificate = key_file_certificate(own, entry->ca.certificate, why);
    made = certificate && issuer_hash(entry->hashes, certificate);
    if (!made)
        *why = certificate ? "OpenSSL cannot hash it"
                           : apr_pstrdup(maker->scratch, *why);
    apr_pool_destroy(own);
    return made;
}

/* What is known of the same certificate need not be found out again. */
static int fill(const maker_t *maker, ca_entry_t *entry,
                const ca_entry_t *known, const char **why)
{
    const char *serial;

    if (known && same_certificate(&known->ca, &entry->ca)) {
        memcpy(entry->hashes, known->hashes, sizeof(entry->hashes));
        entry->serial = apr_pstrdup(maker->pool, known->serial);
        return 1;
    }
    serial = serial_of_certificate(maker->scratch, entry->ca.certificate);
    if (!serial || !*entry->ca.id) {
        *why = "its certificate cannot be read";
        return 0;
    }
    entry->serial = apr_pstrdup(maker->pool, serial);
    return hash_certificate(maker, entry, why);
}

static apr_hash_t *index_old(const maker_t *maker)
{
    apr_hash_t *index = apr_hash_make(maker->scratch);
    int i;

    for (i = 0; maker->old && i < maker->old->count; i++)
        apr_hash_set(index, maker->old->entries[i].ca.id, APR_HASH_KEY_STRING,
                     &maker->old->entries[i]);
    return index;
}

static void note_unreadable(const maker_t *maker, const ocsp_responder_ca_t *ca,
                            const char *why)
{
    APR_ARRAY_PUSH(maker->set->unreadable, const char *) =
        apr_psprintf(maker->pool, "the CA stored as %s: %s",
                     *ca->stored ? ca->stored : "NULL", why);
}

static void add_all(maker_t *maker)
{
    apr_hash_t *known = index_old(maker);
    ca_set_t *set = maker->set;
    int i;

    set->entries =
        apr_pcalloc(maker->pool, (maker->count + 1) * sizeof(*set->entries));
    for (i = 0; i < maker->count; i++) {
        ca_entry_t *entry = &set->entries[set->count];
        const char *why = NULL;

        memset(entry, 0, sizeof(*entry));
        entry->ca = copy_ca(maker->pool, &maker->cas[i]);
        entry->is_file = config_ca_is_path(maker->config);
        if (fill(maker, entry,
                 apr_hash_get(known, entry->ca.id, APR_HASH_KEY_STRING), &why))
            set->count++;
        else
            note_unreadable(maker, &maker->cas[i], why);
    }
    make_slots(set, maker->pool);
    for (i = 0; i < set->count; i++)
        add_to_index(set, &set->entries[i]);
}

/* -- which CAs ------------------------------------------------------------- */

/* What is read of the CA whose certificate's file is named. */
static int read_file(maker_t *maker, const char **why)
{
    const char *path = maker->config->ca;
    const bytes_t *bytes = key_file_read(maker->scratch, path, why);
    ocsp_responder_ca_t *ca = apr_pcalloc(maker->scratch, sizeof(*ca));

    if (!bytes) {
        *why = apr_psprintf(maker->scratch, "OCSPResponderCA: %s", *why);
        return 0;
    }
    ca->id = path;
    ca->name = ca->cn = ca->stored = "";
    ca->certificate = *bytes;
    maker->cas = ca;
    maker->count = 1;
    return 1;
}

/* The one CA that is meant of those listed. */
static int choose(maker_t *maker, const char **why)
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
        return read_file(maker, why) ? OCSP_RESPONDER_LOOKUP_DONE
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
    return all || choose(maker, why) ? OCSP_RESPONDER_LOOKUP_DONE
                                     : OCSP_RESPONDER_LOOKUP_FAILED;
}

/* -- all of it ------------------------------------------------------------- */

/* A set with CAs that could not be read is made anew: they may be mended. */
static int is_unchanged(const maker_t *maker)
{
    const ca_set_t *old = maker->old;
    int i;

    if (!old || old->count != maker->count || old->unreadable->nelts)
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
                                    const ca_set_t *old, const char **why)
{
    maker_t maker = { .pool = pool,
                      .scratch = call->pool,
                      .config = config,
                      .old = old,
                      .set = apr_pcalloc(pool, sizeof(*maker.set)) };
    ocsp_responder_lookup_t result;

    maker.set->unreadable = apr_array_make(pool, 0, sizeof(char *));
    result = find_cas(&maker, source, call, why);
    if (result != OCSP_RESPONDER_LOOKUP_DONE)
        return result;
    if (is_unchanged(&maker)) {
        *set = old;
        return result;
    }
    add_all(&maker);
    *set = maker.set;
    if (maker.set->count || config_ca_is_all(config))
        return result;
    *why = apr_psprintf(call->pool, "OCSPResponderCA: %s",
                        APR_ARRAY_IDX(maker.set->unreadable, 0, const char *));
    return OCSP_RESPONDER_LOOKUP_FAILED;
}
