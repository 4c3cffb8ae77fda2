/* SPDX-License-Identifier: Apache-2.0 */
#include "db/wal_index.h"

#include <pthread.h>
#include <stdlib.h>

#include "apr_strings.h"

/* A file that connections of this process are open to. */
struct wal_index_file_t {
    struct wal_index_file_t *next;
    apr_ino_t inode;
    apr_dev_t device;
    int connections;
    int holders; /* those of them that have its index, which is mapped: */
    apr_ino_t index_inode;
    apr_dev_t index_device;
};

/* Guards the list, and all in it. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct wal_index_file_t *files;

/* With the mutex held, as below; NULL where there is no memory. */
static struct wal_index_file_t *wal_index_find(const file_stamp_t *stamp)
{
    struct wal_index_file_t *file;

    for (file = files; file; file = file->next)
        if (file->inode == stamp->inode && file->device == stamp->device)
            return file;
    file = calloc(1, sizeof(*file));
    if (file) {
        file->inode = stamp->inode;
        file->device = stamp->device;
        file->next = files;
        files = file;
    }
    return file;
}

static void wal_index_forget(const struct wal_index_file_t *file)
{
    struct wal_index_file_t **each = &files;

    while (*each != file)
        each = &(*each)->next;
    *each = file->next;
}

static apr_status_t wal_index_leave(void *data)
{
    struct wal_index_file_t *file = data;
    int is_last;

    pthread_mutex_lock(&mutex);
    is_last = --file->connections == 0;
    if (is_last)
        wal_index_forget(file);
    pthread_mutex_unlock(&mutex);
    if (is_last)
        free(file);
    return APR_SUCCESS;
}

/* Beside the file itself, where its name is a link. */
static const char *path_of(apr_pool_t *pool, const char *file)
{
    char *real = realpath(file, NULL);
    const char *path = apr_pstrcat(pool, real ? real : file, "-shm", NULL);

    free(real);
    return path;
}

int wal_index_enter(wal_index_t *index, apr_pool_t *pool,
                    const file_stamp_t *file, const char **why)
{
    wal_index_t held = { .path = path_of(pool, file->path) };

    index->path = held.path;
    pthread_mutex_lock(&mutex);
    index->file = wal_index_find(file);
    if (index->file) {
        index->file->connections++;
        if (index->file->holders) {
            held.inode = index->file->index_inode;
            held.device = index->file->index_device;
        }
    }
    pthread_mutex_unlock(&mutex);
    if (!index->file) {
        *why = "out of memory";
        return 0;
    }
    apr_pool_cleanup_register(pool, index->file, wal_index_leave,
                              apr_pool_cleanup_null);
    if (wal_index_is_current(&held, pool))
        return 1;
    *why = apr_psprintf(pool,
                        "%s was deleted while httpd had it open: the SQLite "
                        "file is opened anew when all connections to it have "
                        "ended",
                        index->path);
    return 0;
}

void wal_index_note(wal_index_t *index, apr_pool_t *scratch)
{
    struct wal_index_file_t *file = index->file;
    file_stamp_t stamp;

    if (!file || index->inode)
        return;
    stamp = file_stamp_take(scratch, index->path);
    pthread_mutex_lock(&mutex);
    if (!file->holders && stamp.status == APR_SUCCESS) {
        file->index_inode = stamp.inode;
        file->index_device = stamp.device;
    }
    if (file->holders || stamp.status == APR_SUCCESS) {
        file->holders++;
        index->inode = file->index_inode;
        index->device = file->index_device;
    }
    pthread_mutex_unlock(&mutex);
}

void wal_index_release(wal_index_t *index)
{
    if (!index->inode)
        return;
    pthread_mutex_lock(&mutex);
    index->file->holders--;
    pthread_mutex_unlock(&mutex);
    index->inode = 0;
}

int wal_index_is_current(const wal_index_t *index, apr_pool_t *scratch)
{
    file_stamp_t stamp;

    if (!index->inode)
        return 1;
    stamp = file_stamp_take(scratch, index->path);
    return stamp.status == APR_SUCCESS && stamp.inode == index->inode
        && stamp.device == index->device;
}
