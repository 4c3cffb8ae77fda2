/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file_bytes.h"

#include "base/snapshot.h"

static apr_status_t destroy(void *data)
{
    apr_pool_destroy(data);
    return APR_SUCCESS;
}

int file_bytes_are_still(apr_file_t *file, const file_stamp_t *stamp)
{
    const file_stamp_t now = file_stamp_of(file);

    return now.status == APR_SUCCESS && file_stamp_is_same(&now, stamp);
}

/* All bytes of an open file, in pool; data NULL with *why when they cannot be
 * read. */
static bytes_t read_all(const file_bytes_t *wanted, apr_pool_t *pool,
                        const char **why)
{
    bytes_t bytes = { NULL, (apr_size_t)wanted->stamp->size };
    unsigned char *room;
    apr_off_t start = 0;
    apr_size_t got = 0;

    *why = "it is larger than 2 GiB";
    if (wanted->stamp->size > FILE_BYTES_MAX)
        return bytes;
    *why = "there is not enough memory for it";
    room = apr_palloc(pool, bytes.len + 1);
    if (!room)
        return bytes;
    *why = "it cannot be read";
    if (apr_file_seek(wanted->file, APR_SET, &start) != APR_SUCCESS)
        return bytes;
    if (bytes.len > 0
        && apr_file_read_full(wanted->file, room, bytes.len, &got)
            != APR_SUCCESS)
        return bytes;
    bytes.data = room;
    return bytes;
}

/* What is to be parsed, in pool; data NULL with *why when there is nothing. */
static bytes_t convert_all(const file_bytes_t *wanted, apr_pool_t *pool,
                           const char **why)
{
    apr_pool_t *raw_pool = wanted->convert ? snapshot_pool() : pool;
    bytes_t bytes = { NULL, 0 };

    *why = "there is not enough memory for it";
    if (!raw_pool)
        return bytes;
    bytes = read_all(wanted, raw_pool, why);
    if (bytes.data && wanted->convert)
        bytes = wanted->convert(pool, bytes, why);
    if (raw_pool != pool)
        apr_pool_destroy(raw_pool);
    return bytes;
}

/* Makes what all processes share; without memory for that, what this one has
 * for itself. */
static bytes_t make_shared(const file_bytes_t *wanted, apr_pool_t *pool,
                           const char **why)
{
    apr_pool_t *scratch = snapshot_pool();
    bytes_t bytes = { NULL, 0 }, shared = { NULL, 0 };

    if (scratch)
        bytes = convert_all(wanted, scratch, why);
    if (bytes.data && file_bytes_are_still(wanted->file, wanted->stamp))
        shared = shared_copies_make(wanted->copies, pool, wanted->stamp, bytes);
    else
        shared_copies_give_up(wanted->copies);
    if (shared.data || !bytes.data) {
        if (scratch)
            apr_pool_destroy(scratch);
        return shared;
    }
    apr_pool_cleanup_register(pool, scratch, destroy, apr_pool_cleanup_null);
    return bytes;
}

int file_bytes_get(const file_bytes_t *wanted, apr_pool_t *pool, bytes_t *bytes,
                   const char **why)
{
    switch (shared_copies_find(wanted->copies, pool, wanted->stamp, bytes)) {
    case SHARED_COPIES_FOUND:
        return 1;
    case SHARED_COPIES_YOURS:
        *bytes = make_shared(wanted, pool, why);
        return 1;
    case SHARED_COPIES_BUSY:
        if (wanted->waits)
            return 0;
        break;
    default:
        break;
    }
    *bytes = convert_all(wanted, pool, why);
    return 1;
}
