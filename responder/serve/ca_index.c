/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ca_index.h"

#include "apr_thread_mutex.h"

/* The first bytes of both hashes, which are as random as can be. */
typedef struct {
    apr_uint64_t key;
    const ca_entry_t *entry; /* NULL: none here */
} slot_t;

struct ca_index_t {
    const ca_entry_t *entries;
    int count;
    apr_size_t size;           /* of each table, a power of two */
    apr_thread_mutex_t *mutex; /* guards pool and what follows */
    apr_pool_t *pool;
    slot_t *tables[ISSUER_DIGESTS]; /* NULL: not made yet */
};

ca_index_t *ca_index_create(apr_pool_t *pool, const ca_entry_t *entries,
                            int count)
{
    ca_index_t *index = apr_pcalloc(pool, sizeof(*index));

    index->entries = entries;
    index->count = count;
    for (index->size = 8; index->size < 2 * (apr_size_t)count;)
        index->size *= 2;
    index->pool = pool;
    return apr_thread_mutex_create(&index->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool)
            == APR_SUCCESS
        ? index
        : NULL;
}

static apr_uint64_t key_of(const unsigned char *name, const unsigned char *key)
{
    apr_uint64_t one, other;

    memcpy(&one, name, sizeof(one));
    memcpy(&other, key, sizeof(other));
    return one ^ (other << 1 | other >> 63);
}

/* -- a table --------------------------------------------------------------- */

static void add(const ca_index_t *index, slot_t *table, int digest,
                const ca_entry_t *entry)
{
    issuer_hashes_t hashes;
    apr_uint64_t key;
    apr_size_t i;

    if (!issuer_hash(&hashes, digest, &entry->name))
        return;
    key = key_of(hashes.name, hashes.key);
    for (i = (apr_size_t)key & (index->size - 1); table[i].entry;)
        i = (i + 1) & (index->size - 1);
    table[i].key = key;
    table[i].entry = entry;
}

static slot_t *make_table(ca_index_t *index, int digest)
{
    slot_t *table = apr_pcalloc(index->pool, index->size * sizeof(*table));
    int i;

    for (i = 0; i < index->count; i++)
        if (!index->entries[i].has_twin)
            add(index, table, digest, &index->entries[i]);
    return table;
}

static const slot_t *table_of(ca_index_t *index, int digest)
{
    slot_t **table = &index->tables[digest - 1];

    apr_thread_mutex_lock(index->mutex);
    if (!*table)
        *table = make_table(index, digest);
    apr_thread_mutex_unlock(index->mutex);
    return *table;
}

const ca_entry_t *ca_index_find(ca_index_t *index,
                                const request_certid_t *certid)
{
    int digest = issuer_digest(certid);
    const slot_t *table;
    apr_uint64_t key;
    apr_size_t i;

    if (!digest || certid->name_hash.len < sizeof(key)
        || certid->key_hash.len < sizeof(key))
        return NULL;
    table = table_of(index, digest);
    key = key_of(certid->name_hash.data, certid->key_hash.data);
    for (i = (apr_size_t)key & (index->size - 1); table[i].entry;
         i = (i + 1) & (index->size - 1))
        if (table[i].key == key)
            return table[i].entry;
    return NULL;
}
