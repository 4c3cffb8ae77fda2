/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ca_index.h"

#include "apr_hash.h"
#include "apr_thread_mutex.h"

/* What entries are found by: the first bytes of both hashes, which are as
 * random as can be. */
typedef struct {
    unsigned char name[8], key[8];
} ca_key_t;

struct ca_index_t {
    const ca_entry_t *entries;
    int count;
    apr_thread_mutex_t *mutex; /* guards pool and what follows */
    apr_pool_t *pool;
    apr_hash_t *tables[ISSUER_DIGESTS]; /* by ca_key_t; NULL: not made yet */
};

ca_index_t *ca_index_create(apr_pool_t *pool, const ca_entry_t *entries,
                            int count)
{
    ca_index_t *index = apr_pcalloc(pool, sizeof(*index));

    index->entries = entries;
    index->count = count;
    index->pool = pool;
    return apr_thread_mutex_create(&index->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool)
            == APR_SUCCESS
        ? index
        : NULL;
}

static ca_key_t ca_index_key_of(const unsigned char *name,
                                const unsigned char *key)
{
    ca_key_t made;

    memcpy(made.name, name, sizeof(made.name));
    memcpy(made.key, key, sizeof(made.key));
    return made;
}

/* -- a table --------------------------------------------------------------- */

/* 0: a CA cannot be hashed now. With a digest that OpenSSL lacks, none is
 * found. */
static int ca_index_fill(const ca_index_t *index, apr_hash_t *table, int digest)
{
    apr_pool_t *pool = apr_hash_pool_get(table);
    issuer_hashes_t hashes;
    int i;

    for (i = 0; i < index->count; i++) {
        issuer_hashing_t result;
        ca_key_t key;

        if (index->entries[i].has_twin)
            continue;
        result = issuer_hash(&hashes, digest, &index->entries[i].name);
        if (result != ISSUER_HASHED)
            return result == ISSUER_HASH_UNSUPPORTED;
        key = ca_index_key_of(hashes.name, hashes.key);
        apr_hash_set(table, apr_pmemdup(pool, &key, sizeof(key)), sizeof(key),
                     &index->entries[i]);
    }
    return 1;
}

/* NULL if it cannot be made now. Called with the mutex held. */
static apr_hash_t *make_table(const ca_index_t *index, int digest)
{
    apr_hash_t *table;
    apr_pool_t *pool;

    if (apr_pool_create(&pool, index->pool) != APR_SUCCESS)
        return NULL;
    table = apr_hash_make(pool);
    if (ca_index_fill(index, table, digest))
        return table;
    apr_pool_destroy(pool);
    return NULL;
}

static apr_hash_t *table_of(ca_index_t *index, int digest)
{
    apr_hash_t **table = &index->tables[digest - 1], *made;

    apr_thread_mutex_lock(index->mutex);
    if (!*table)
        *table = make_table(index, digest);
    made = *table;
    apr_thread_mutex_unlock(index->mutex);
    return made;
}

int ca_index_find(ca_index_t *index, const request_certid_t *certid,
                  const ca_entry_t **entry)
{
    int digest = issuer_digest(certid);
    apr_hash_t *table;
    ca_key_t key;

    *entry = NULL;
    if (!digest || certid->name_hash.len < sizeof(key.name)
        || certid->key_hash.len < sizeof(key.key))
        return 1;
    table = table_of(index, digest);
    if (!table)
        return 0;
    key = ca_index_key_of(certid->name_hash.data, certid->key_hash.data);
    *entry = apr_hash_get(table, &key, sizeof(key));
    return 1;
}
