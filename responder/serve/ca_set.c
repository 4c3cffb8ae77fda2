/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ca_set.h"

#include "apr_strings.h"

#include "ocsp/key_file.h"
#include "ocsp/serial.h"
#include "base/snapshot.h"

struct ca_set_cache_t {
    apr_pool_t *pool;
    apr_hash_t *places; /* place_t, by row id */
};

/* Where the authority of a row is. */
typedef struct {
    snapshot_t *authority; /* an authority_t */
    apr_time_t bad_since;  /* what is to take its place; 0: it is not */
} place_t;

/* A pair of two files is bad while only one of them is new. */
#define PATIENCE apr_time_from_sec(5)

ca_set_cache_t *ca_set_cache(apr_pool_t *pool)
{
    ca_set_cache_t *memory = apr_palloc(pool, sizeof(*memory));

    /* Its own, as other threads may use the one above at the same time. */
    apr_pool_create(&memory->pool, pool);
    memory->places = apr_hash_make(memory->pool);
    return memory;
}

static place_t *place_of(ca_set_cache_t *memory, const char *id)
{
    place_t *place = apr_hash_get(memory->places, id, APR_HASH_KEY_STRING);

    if (!place) {
        place = apr_pcalloc(memory->pool, sizeof(*place));
        place->authority = snapshot_create(memory->pool);
        apr_hash_set(memory->places, apr_pstrdup(memory->pool, id),
                     APR_HASH_KEY_STRING, place);
    }
    return place;
}

/* -- the index ------------------------------------------------------------- */

/* What a CA is found by: the hashes of its name and key. Their length tells
 * with which digest. */
typedef struct {
    unsigned char octets[2 * EVP_MAX_MD_SIZE];
    apr_ssize_t length;
} index_key_t;

static index_key_t key_of_hashes(const unsigned char *name,
                                 const unsigned char *key, apr_size_t length)
{
    index_key_t made = { .length = (apr_ssize_t)(2 * length) };

    memcpy(made.octets, name, length);
    memcpy(made.octets + length, key, length);
    return made;
}

static void add_to_index(ca_set_t *cas, apr_pool_t *pool,
                         const authority_t *authority)
{
    int i;

    for (i = 0; i < ISSUER_DIGESTS; i++) {
        const issuer_hashes_t *hashes = &authority->issuer->hashes[i];
        index_key_t key = key_of_hashes(hashes->name, hashes->key, hashes->len);
        apr_array_header_t *named =
            apr_hash_get(cas->index, key.octets, key.length);

        if (!named) {
            named = apr_array_make(pool, 1, sizeof(authority));
            apr_hash_set(cas->index, apr_pmemdup(pool, key.octets, key.length),
                         key.length, named);
        }
        APR_ARRAY_PUSH(named, const authority_t *) = authority;
    }
}

const apr_array_header_t *ca_set_find(const ca_set_t *cas,
                                      const request_certid_t *certid)
{
    const bytes_t name = certid->name_hash, key = certid->key_hash;
    const apr_array_header_t *named;
    index_key_t wanted;

    if (name.len > EVP_MAX_MD_SIZE || key.len != name.len)
        return NULL;
    wanted = key_of_hashes(name.data, key.data, name.len);
    named = apr_hash_get(cas->index, wanted.octets, wanted.length);
    /* They all have the same hashes, so one tells for all. */
    return named
            && issuer_match(
                   APR_ARRAY_IDX(named, 0, const authority_t *)->issuer, certid)
                == ISSUER_MATCH
        ? named
        : NULL;
}

/* -- one CA ---------------------------------------------------------------- */

/* A new pair that is not whole yet, or not one at all, does not take the place
 * of one that still signs; but where django-ca has none any more there is
 * none. */
static int is_worse(const authority_t *made, const authority_t *old,
                    apr_time_t now)
{
    return old && authority_may_sign(old, now) && !authority_may_sign(made, now)
        && made->fault != AUTHORITY_NO_PAIR
        && strcmp(made->issuer->serial, old->issuer->serial) == 0;
}

static void note_outdated(ca_set_t *cas, apr_pool_t *pool, place_t *place,
                          const authority_t *made)
{
    cas->waits = 1;
    if (!place->bad_since)
        place->bad_since = cas->taken_at;
    if (cas->taken_at - place->bad_since < PATIENCE)
        return;
    APR_ARRAY_PUSH(cas->outdated, const char *) =
        apr_psprintf(pool, "CA %s: %s", made->issuer->serial,
                     made->signer ? "the new responder certificate is not "
                                    "valid at this time"
                                  : made->why);
}

/* The authority of a row, held by pool; NULL with *why. */
static const authority_t *admit(ca_set_t *cas, apr_pool_t *pool,
                                const ca_set_source_t *source,
                                const authority_means_t *means,
                                const rows_authority_t *row, const char **why)
{
    place_t *place = place_of(source->memory, row->id);
    const authority_t *old = snapshot_read(place->authority, pool), *made;
    apr_pool_t *own;

    if (old && authority_is_current(old, means, row, pool)) {
        place->bad_since = 0;
        return old;
    }
    own = snapshot_pool();
    /* It may live on when its pair is in use nowhere else. */
    if (own && source->pair_place)
        snapshot_read(source->pair_place, own);
    made = own ? authority_create(own, means, row, why) : NULL;
    if (made && !is_worse(made, old, source->now)) {
        /* A token may come back. */
        if (!made->signer && means->pair->token)
            cas->waits = 1;
        place->bad_since = 0;
        snapshot_replace(place->authority, made, own);
        return snapshot_read(place->authority, pool);
    }
    if (made)
        note_outdated(cas, pool, place, made);
    else
        *why = apr_pstrdup(pool, own ? *why : "out of memory");
    if (own)
        apr_pool_destroy(own);
    return made ? old : NULL;
}

/* -- all of them ----------------------------------------------------------- */

static void note_unreadable(ca_set_t *cas, const char *stored, const char *why)
{
    APR_ARRAY_PUSH(cas->unreadable, const char *) =
        apr_psprintf(cas->unreadable->pool, "the CA stored as %s: %s",
                     stored ? stored : "NULL", why);
}

/* The rows that can be read. */
static apr_array_header_t *read_rows(ca_set_t *cas, apr_pool_t *pool,
                                     db_rows_t rows)
{
    apr_array_header_t *list =
        apr_array_make(pool, rows.count + 1, sizeof(rows_authority_t));
    int i;

    for (i = 0; i < rows.count; i++) {
        rows_authority_t row;
        const char *why;

        if (rows_authority(&row, pool, rows.rows[i], &why) == 0)
            APR_ARRAY_PUSH(list, rows_authority_t) = row;
        else
            note_unreadable(cas, rows.rows[i][SCHEMA_CERTIFICATE_SERIAL], why);
    }
    return list;
}

/* How many there are. */
static int admit_all(ca_set_t *cas, apr_pool_t *pool,
                     const ca_set_source_t *source,
                     const authority_means_t *means,
                     const apr_array_header_t *rows, const char **why)
{
    int i;

    for (i = 0; i < rows->nelts; i++) {
        const rows_authority_t *row = &APR_ARRAY_IDX(rows, i, rows_authority_t);
        const authority_t *authority =
            admit(cas, pool, source, means, row, why);

        if (!authority) {
            note_unreadable(cas, row->stored, *why);
            continue;
        }
        APR_ARRAY_PUSH(cas->authorities, const authority_t *) = authority;
        add_to_index(cas, pool, authority);
    }
    return cas->authorities->nelts;
}

static ca_set_t *make_ca_set(apr_pool_t *pool, apr_time_t now)
{
    ca_set_t *cas = apr_pcalloc(pool, sizeof(*cas));

    cas->index = apr_hash_make(pool);
    cas->authorities = apr_array_make(pool, 8, sizeof(void *));
    cas->unreadable = apr_array_make(pool, 0, sizeof(char *));
    cas->outdated = apr_array_make(pool, 0, sizeof(char *));
    cas->taken_at = now;
    return cas;
}

/* -- asking the database --------------------------------------------------- */

static const char *authorities_sql(apr_pool_t *pool, const schema_t *schema,
                                   const void *ca)
{
    return schema_authorities_sql(pool, schema, ca);
}

static const char *certificate_sql(apr_pool_t *pool, const schema_t *schema,
                                   const void *serial)
{
    return schema_certificate_sql(pool, schema, serial);
}

/* The certificate where it is named by its serial. 1, also when it is not. */
static int find_certificate(authority_means_t *means, apr_pool_t *pool,
                            const ca_set_source_t *source,
                            query_result_t *result, const char **why)
{
    const char *serial = source->pair->cert_serial;
    const ca_set_database_t *database = &source->database;
    db_rows_t rows;
    bytes_t octets;

    if (!serial)
        return 1;
    *result = database->select(database->context, pool, certificate_sql, serial,
                               SCHEMA_CERTIFICATE_WIDTH, &rows, why);
    if (*result != QUERY_OK)
        return 0;
    octets = rows_certificate(pool, rows, serial, why);
    if (octets.data)
        means->certificate = key_file_certificate(pool, octets, why);
    if (!means->certificate)
        *why = apr_psprintf(pool, "OCSPResponderCert: %s", *why);
    return means->certificate != NULL;
}

/* The rows of the CAs that are meant. NULL with *why: none is, and one should
 * be. */
static const apr_array_header_t *find_rows(ca_set_t *cas, apr_pool_t *pool,
                                           const ca_set_source_t *source,
                                           query_result_t *result,
                                           const char **why)
{
    int all = config_ca_is_all(source->config);
    const char *ca = source->config->ca;
    const rows_authority_t *chosen;
    apr_array_header_t *list, *one;
    db_rows_t rows;

    *result = source->database.select(source->database.context, pool,
                                      authorities_sql, all ? NULL : ca,
                                      SCHEMA_AUTHORITIES_WIDTH, &rows, why);
    if (*result != QUERY_OK)
        return NULL;
    list = read_rows(cas, pool, rows);
    if (all)
        return list;
    chosen = rows_choose(pool, list, ca, why);
    if (!chosen) {
        *why = apr_psprintf(pool, "OCSPResponderCA: %s", *why);
        return NULL;
    }
    one = apr_array_make(pool, 1, sizeof(*chosen));
    APR_ARRAY_PUSH(one, rows_authority_t) = *chosen;
    return one;
}

/* scratch is for what is only passed through: much, where there are many
 * CAs. */
static const ca_set_t *take(apr_pool_t *pool, apr_pool_t *scratch,
                            const ca_set_source_t *source,
                            query_result_t *result, const config_place_t **at,
                            const char **why)
{
    ca_set_t *cas = make_ca_set(pool, source->now);
    const config_t *config = source->config;
    authority_means_t means = { .config = config,
                                .pair = source->pair,
                                .token_secret = source->token_secret };
    const apr_array_header_t *rows;

    *at = config->ca_at;
    rows = find_rows(cas, scratch, source, result, why);
    if (!rows)
        return NULL;
    *at = config->cert_at;
    if (!find_certificate(&means, scratch, source, result, why))
        return NULL;
    *at = config->ca_at;
    if (admit_all(cas, pool, source, &means, rows, why)
        || config_ca_is_all(config))
        return cas;
    *why = apr_psprintf(scratch, "OCSPResponderCA: %s", *why);
    return NULL;
}

const ca_set_t *ca_set_load(apr_pool_t *pool, const ca_set_source_t *source,
                            query_result_t *result, const config_place_t **at,
                            const char **why)
{
    const ca_set_t *cas;
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    cas = take(pool, scratch, source, result, at, why);
    if (!cas)
        *why = apr_pstrdup(pool, *why);
    apr_pool_destroy(scratch);
    return cas;
}
