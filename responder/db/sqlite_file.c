/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite_file.h"

#include <string.h>

#include "apr_strings.h"

#include "base/hex.h"
#include "base/intervals.h"

/* -- its name -------------------------------------------------------------- */

/* The byte that stands as %XX in a URI; -1 if none does. */
static int sqlite_escaped(const char *text)
{
    const int high = *text == '%' ? hex_digit(text[1]) : -1;
    const int low = high >= 0 ? hex_digit(text[2]) : -1;

    return low >= 0 ? high << 4 | low : -1;
}

/* The file's name of a URI, behind its scheme and authority. */
static const char *sqlite_decode(apr_pool_t *pool, const char *text)
{
    const char *end = text + strcspn(text, "?#");
    char *decoded = apr_palloc(pool, (apr_size_t)(end - text) + 1);
    char *to = decoded;

    while (text < end) {
        const int byte = sqlite_escaped(text);

        *to++ = byte >= 0 ? (char)byte : *text;
        text += byte >= 0 ? 3 : 1;
    }
    *to = '\0';
    return decoded;
}

const char *sqlite_file_name(apr_pool_t *pool, const char *params)
{
    if (strncmp(params, "file:", 5) == 0) {
        params += 5;
        if (strncmp(params, "//", 2) == 0)
            params = strchr(params + 2, '/');
        if (params)
            params = sqlite_decode(pool, params);
    }
    return params && *params && *params != ':' ? params : NULL;
}

/* Whether SQLite is not to look for what others write: it would show what was
 * good before a revocation, or undo one that is being committed. With a cache
 * that connections share, one to a new file would read the old one's. */
static int ignores_others(const char *params, const char **why)
{
    const char *query =
        strncmp(params, "file:", 5) == 0 ? strchr(params, '?') : NULL;

    *why = "immutable, nolock, cache=shared and another vfs make SQLite miss "
           "revocations: take them out of DBDParams, or of ATTACH";
    return query
        && (strstr(query, "immutable=") || strstr(query, "nolock=")
            || strstr(query, "cache=shared") || strstr(query, "vfs=unix-"));
}

/* -- what it looks like ---------------------------------------------------- */

/* Whether whatever is written from now on has another time than that, which a
 * clock that has been set may have put into the future. */
static int is_apart(apr_time_t time, apr_time_t now)
{
    return now - time > INTERVALS_FILE_TICK || time - now > INTERVALS_FILE_TICK;
}

/* Whether there is a database in the file: to open one where there is none is
 * of no use. */
static int has_database(const file_stamp_t *stamp, apr_pool_t *pool,
                        const char **why)
{
    char text[120];

    if (stamp->status != APR_SUCCESS)
        *why = apr_psprintf(pool, "the SQLite file %s cannot be opened (%s)",
                            stamp->path,
                            apr_strerror(stamp->status, text, sizeof(text)));
    else if (stamp->size == 0)
        *why = apr_psprintf(pool, "the SQLite file %s is empty", stamp->path);
    else
        return 1;
    return 0;
}

int sqlite_file_find(sqlite_file_t *file, apr_pool_t *pool, const char *params,
                     const char **why)
{
    const char *name = sqlite_file_name(pool, params);
    const apr_time_t now = apr_time_now();

    memset(file, 0, sizeof(*file));
    if (!name)
        return 1;
    file->stamp = file_stamp_take(pool, name);
    file->is_settled =
        is_apart(file->stamp.ctime, now) && is_apart(file->stamp.mtime, now);
    return !ignores_others(params, why) && has_database(&file->stamp, pool, why)
        && wal_index_enter(&file->index, pool, &file->stamp, why);
}

/* -- a connection's -------------------------------------------------------- */

static int sqlite_is_current(const sqlite_file_t *file, apr_pool_t *scratch)
{
    return !file->stamp.path
        || (file->is_settled && !file_stamp_has_changed(&file->stamp, scratch)
            && wal_index_is_current(&file->index, scratch));
}

int sqlite_files_are_current(const apr_array_header_t *files,
                             apr_pool_t *scratch)
{
    int i;

    for (i = 0; i < files->nelts; i++)
        if (!sqlite_is_current(&APR_ARRAY_IDX(files, i, sqlite_file_t),
                               scratch))
            return 0;
    return 1;
}

int sqlite_files_have_indexes(const apr_array_header_t *files,
                              apr_pool_t *scratch)
{
    int i;

    for (i = 0; i < files->nelts; i++)
        if (!wal_index_is_current(&APR_ARRAY_IDX(files, i, sqlite_file_t).index,
                                  scratch))
            return 0;
    return 1;
}

void sqlite_files_note_indexes(const apr_array_header_t *files,
                               apr_pool_t *scratch)
{
    int i;

    for (i = 0; i < files->nelts; i++)
        wal_index_note(&APR_ARRAY_IDX(files, i, sqlite_file_t).index, scratch);
}

void sqlite_files_release_indexes(const apr_array_header_t *files)
{
    int i;

    for (i = 0; i < files->nelts; i++)
        wal_index_release(&APR_ARRAY_IDX(files, i, sqlite_file_t).index);
}
