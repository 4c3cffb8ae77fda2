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
    slot_t *spare; /* one that was not made to its end; NULL: none */
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

static void add(const ca_index_t *index, slot_t *table,
                const issuer_hashes_t *hashes, const ca_entry_t *entry)
{
    apr_uint64_t key = key_of(hashes->name, hashes->key);
    apr_size_t i;

    for (i = (apr_size_t)key & (index->size - 1); table[i].entry;)
        i = (i + 1) & (index->size - 1);
    table[i].key = key;
    table[i].entry = entry;
}

/* 0: a CA cannot be hashed now. With a digest that OpenSSL lacks, none is
 * found. */
static int fill(const ca_index_t *index, slot_t *table, int digest)
{
    issuer_hashes_t hashes;
    int i;

    for (i = 0; i < index->count; i++) {
        if (index->entries[i].has_twin)
            continue;
        switch (issuer_hash(&hashes, digest, &index->entries[i].name)) {
        case ISSUER_HASHED:
            add(index, table, &hashes, &index->entries[i]);
            break;
        case ISSUER_HASH_UNSUPPORTED:
            return 1;
        case ISSUER_HASH_FAILED:
            return 0;
        }
    }
    return 1;
}

/* NULL if it cannot be made now. Called with the mutex held. */
static slot_t *make_table(ca_index_t *index, int digest)
{
    const apr_size_t size = index->size * sizeof(*index->spare);
    slot_t *table = index->spare ? index->spare : apr_palloc(index->pool, size);

    memset(table, 0, size);
    index->spare = NULL;
    if (fill(index, table, digest))
        return table;
    index->spare = table;
    return NULL;
}

static const slot_t *table_of(ca_index_t *index, int digest)
{
    slot_t **table = &index->tables[digest - 1];
    const slot_t *made;

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
    const slot_t *table;
    apr_uint64_t key;
    apr_size_t i;

    *entry = NULL;
    if (!digest || certid->name_hash.len < sizeof(key)
        || certid->key_hash.len < sizeof(key))
        return 1;
    table = table_of(index, digest);
    if (!table)
        return 0;
    key = key_of(certid->name_hash.data, certid->key_hash.data);
    for (i = (apr_size_t)key & (index->size - 1); table[i].entry && !*entry;
         i = (i + 1) & (index->size - 1))
        if (table[i].key == key)
            *entry = table[i].entry;
    return 1;
}
