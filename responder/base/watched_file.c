/* SPDX-License-Identifier: Apache-2.0 */
#include "base/watched_file.h"

#include "apr_atomic.h"
#include "apr_file_io.h"
#include "apr_strings.h"

#include "base/intervals.h"
#include "base/file_bytes.h"
#include "base/file_stamp.h"
#include "base/shared_copies.h"
#include "base/snapshot.h"

/* No error of APR's or the system's: a folder, a pipe, … */
#define NOT_REGULAR (-1)

#define HALF_WRITTEN "it looks half-written, so what it said before counts"

/* What is in place for readers. */
typedef struct {
    const void *value; /* NULL: none, and why */
    const char *why;
} current_t;

/* A changed file that is held open, whatever its name is by now: it counts once
 * it has lain still. */
typedef struct {
    apr_pool_t *pool; /* NULL: there is none */
    apr_file_t *file;
    file_stamp_t stamp;
    apr_time_t since; /* when that was first seen, or found to be of no use */
    apr_time_t patience; /* from then until it is read */
    int is_doubtful;     /* it was read, and looks like half of a file */
} candidate_t;

struct watched_file_t {
    const char *path;
    file_bytes_convert_t convert; /* NULL: none */
    watched_file_parse_t parse;
    shared_copies_t *copies;
    snapshot_t *place;
    /* Seconds of the steady clock; 0: the value does not count before a look.
     */
    volatile apr_uint32_t looked_at;
    /* The rest is the looking thread's own. */
    int has_value;
    apr_size_t count;    /* of the contents that count, or did last */
    file_stamp_t loaded; /* the file that the value is from */
    apr_time_t lost_at;  /* since when it cannot be read; 0: it can */
    candidate_t candidate;
    apr_pool_t *fault_pool;
    const char *fault;
};

static apr_status_t watched_file_close_all(void *data)
{
    watched_file_t *file = data;

    if (file->candidate.pool)
        apr_pool_destroy(file->candidate.pool);
    apr_pool_destroy(file->fault_pool);
    return APR_SUCCESS;
}

watched_file_t *watched_file_create(apr_pool_t *pool, const char *path,
                                    file_bytes_convert_t convert,
                                    watched_file_parse_t parse)
{
    watched_file_t *file = apr_pcalloc(pool, sizeof(*file));

    file->path = path;
    file->convert = convert;
    file->parse = parse;
    /* Before what uses them, so that they go after it. */
    file->copies = shared_copies_create(pool);
    file->fault_pool = snapshot_pool();
    file->place = snapshot_create(pool);
    if (!file->copies || !file->fault_pool || !file->place)
        return NULL;
    apr_pool_cleanup_register(pool, file, watched_file_close_all,
                              apr_pool_cleanup_null);
    return file;
}

void watched_file_share(watched_file_t *file)
{
    const file_stamp_t stamp = file_stamp_take(file->fault_pool, file->path);

    if (stamp.status == APR_SUCCESS && stamp.size >= WATCHED_FILE_LARGE)
        shared_copies_open(file->copies);
}

const char *watched_file_path(const watched_file_t *file)
{
    return file->path;
}

const char *watched_file_fault(const watched_file_t *file)
{
    return file->fault;
}

/* Returns whether it is another than before. */
static int set_fault(watched_file_t *file, const char *why)
{
    if (file->fault == why || (file->fault && why && !strcmp(file->fault, why)))
        return 0;
    apr_pool_clear(file->fault_pool);
    file->fault = why ? apr_pstrdup(file->fault_pool, why) : NULL;
    return 1;
}

static const char *error_text(apr_pool_t *pool, const char *what,
                              apr_status_t status)
{
    char text[120];

    if (status == NOT_REGULAR)
        return "it is not a regular file";
    return apr_pstrcat(pool, what, ": ",
                       apr_strerror(status, text, sizeof(text)), NULL);
}

/* -- the value ------------------------------------------------------------- */

static void put(watched_file_t *file, apr_pool_t *pool, const void *value,
                const char *why)
{
    current_t *current = apr_palloc(pool, sizeof(*current));

    current->value = value;
    current->why = why;
    file->has_value = value != NULL;
    snapshot_replace(file->place, current, pool);
}

/* Leaves readers with no value. */
static void withdraw(watched_file_t *file)
{
    apr_pool_t *pool = snapshot_pool();

    if (pool)
        put(file, pool, NULL, apr_pstrdup(pool, file->fault));
}

int watched_file_is_current(const watched_file_t *file, apr_time_t now,
                            const char **why)
{
    const apr_uint32_t looked_at =
        apr_atomic_read32((volatile apr_uint32_t *)&file->looked_at);

    *why = "it has not been read yet";
    if (!looked_at)
        return 0;
    *why = "its file system does not answer";
    return now - apr_time_from_sec(looked_at) <= INTERVALS_FILE_LOOKED;
}

const void *watched_file_last(watched_file_t *file, apr_pool_t *reader,
                              const char **why)
{
    const current_t *current = snapshot_read(file->place, reader);

    *why = current ? current->why : "it has not been read yet";
    return current ? current->value : NULL;
}

const void *watched_file_read(watched_file_t *file, apr_pool_t *reader,
                              apr_time_t now, const char **why)
{
    return watched_file_is_current(file, now, why)
        ? watched_file_last(file, reader, why)
        : NULL;
}

/* -- reading --------------------------------------------------------------- */

static int is_still(const candidate_t *candidate)
{
    return file_bytes_are_still(candidate->file, &candidate->stamp);
}

static int looks_whole(const watched_file_t *file,
                       const watched_file_content_t *content)
{
    return content->is_whole && content->count >= file->count;
}

static void watched_file_drop(watched_file_t *file)
{
    if (file->candidate.pool)
        apr_pool_destroy(file->candidate.pool);
    memset(&file->candidate, 0, sizeof(file->candidate));
}

static void adopt(watched_file_t *file, apr_pool_t *pool,
                  const watched_file_content_t *content)
{
    set_fault(file, content->why);
    file->loaded = file->candidate.stamp;
    file->count = content->count;
    put(file, pool, content->value, NULL);
    watched_file_drop(file);
}

/* Makes the most of contents that were parsed in pool. What cannot be read at
 * all for a while leaves no value: it may say the contrary by now. */
static watched_file_look_t weigh(watched_file_t *file, apr_pool_t *pool,
                                 const watched_file_content_t *content,
                                 int has_bytes, int at_any_rate)
{
    candidate_t *candidate = &file->candidate;
    /* What has been converted tells its own end, as CRLs do. */
    const int is_over = at_any_rate && !has_bytes && !file->convert;
    int is_new;

    if (content->value && (at_any_rate || looks_whole(file, content))) {
        adopt(file, pool, content);
        return WATCHED_FILE_CHANGED;
    }
    candidate->patience =
        at_any_rate ? INTERVALS_FILE_USELESS : INTERVALS_FILE_SETTLED;
    candidate->is_doubtful = 1;
    is_new = set_fault(file, content->why ? content->why : HALF_WRITTEN);
    apr_pool_destroy(pool);
    if ((is_new && !file->has_value) || (is_over && file->has_value))
        withdraw(file);
    return WATCHED_FILE_WAITING;
}

/* Reads and parses the candidate. at_any_rate: even if it looks like half of a
 * file. */
static watched_file_look_t watched_file_take(watched_file_t *file,
                                             apr_time_t now, int at_any_rate)
{
    watched_file_content_t content = { .why = "out of memory" };
    const file_bytes_t wanted = {
        .file = file->candidate.file,
        .stamp = &file->candidate.stamp,
        .convert = file->convert,
        .copies = file->copies,
        .waits = now - file->candidate.since < INTERVALS_FILE_MAKING,
    };
    apr_pool_t *pool = snapshot_pool();
    bytes_t bytes = { NULL, 0 };

    if (pool && !file_bytes_get(&wanted, pool, &bytes, &content.why)) {
        apr_pool_destroy(pool);
        return WATCHED_FILE_WAITING;
    }
    if (bytes.data) {
        content.why = NULL;
        file->parse(pool, bytes, &content);
    }
    if (at_any_rate)
        file->candidate.since = now;
    if (!pool || !is_still(&file->candidate)) {
        watched_file_drop(file);
        if (pool)
            apr_pool_destroy(pool);
        return WATCHED_FILE_WAITING;
    }
    return weigh(file, pool, &content, bytes.data != NULL, at_any_rate);
}

/* Whether a file of that state can be read at all. */
static apr_status_t use_of(const file_stamp_t *stamp)
{
    if (stamp->status != APR_SUCCESS || stamp->is_regular)
        return stamp->status;
    return NOT_REGULAR;
}

static apr_status_t open_candidate(watched_file_t *file, apr_time_t now)
{
    candidate_t *candidate = &file->candidate;
    apr_status_t status;

    candidate->pool = snapshot_pool();
    if (!candidate->pool)
        return APR_ENOMEM;
    status =
        apr_file_open(&candidate->file, file->path,
                      /* A pipe would be waited for. */
                      APR_FOPEN_READ | APR_FOPEN_BINARY | APR_FOPEN_NONBLOCK,
                      APR_OS_DEFAULT, candidate->pool);
    if (status == APR_SUCCESS) {
        candidate->stamp = file_stamp_of(candidate->file);
        candidate->since = now;
        candidate->patience = INTERVALS_FILE_QUIET;
        status = use_of(&candidate->stamp);
    }
    if (status == APR_SUCCESS)
        file->lost_at = 0;
    else
        watched_file_drop(file);
    return status;
}

/* -- looking --------------------------------------------------------------- */

/* There is no file, or none that may be read. */
static watched_file_look_t lose(watched_file_t *file, apr_time_t now,
                                apr_status_t status)
{
    apr_pool_t *scratch;
    int is_new = 0;

    if (!file->lost_at)
        file->lost_at = now;
    if (now - file->lost_at < INTERVALS_FILE_GRACE && file->has_value)
        return WATCHED_FILE_WAITING;
    scratch = snapshot_pool();
    if (scratch) {
        is_new =
            set_fault(file, error_text(scratch, "it cannot be opened", status));
        apr_pool_destroy(scratch);
    }
    if (is_new || file->has_value)
        withdraw(file);
    return WATCHED_FILE_LOST;
}

/* Whether the name means another file than the open one. */
static int is_renamed(const candidate_t *candidate, const file_stamp_t *named)
{
    return candidate->stamp.inode != named->inode
        || candidate->stamp.device != named->device;
}

/* One that is doubtful is given up for a newer one; until it is known to be,
 * it goes on, as in a storm of renames none would ever have lain still. */
static watched_file_look_t try_candidate(watched_file_t *file, apr_time_t now,
                                         const file_stamp_t *named)
{
    candidate_t *candidate = &file->candidate;
    apr_status_t status = APR_SUCCESS;

    if (candidate->pool && candidate->is_doubtful
        && is_renamed(candidate, named))
        watched_file_drop(file);
    if (!candidate->pool) {
        status = open_candidate(file, now);
        return status == APR_SUCCESS ? WATCHED_FILE_WAITING
                                     : lose(file, now, status);
    }
    if (!is_still(candidate)) {
        watched_file_drop(file);
        return WATCHED_FILE_WAITING;
    }
    return now - candidate->since < candidate->patience
        ? WATCHED_FILE_WAITING
        : watched_file_take(file, now, candidate->is_doubtful);
}

static watched_file_look_t look(watched_file_t *file, apr_time_t now)
{
    const file_stamp_t named = file_stamp_take(file->fault_pool, file->path);

    if (use_of(&named) != APR_SUCCESS)
        return lose(file, now, use_of(&named));
    if (!file->has_value || !file_stamp_is(&named, &file->loaded))
        return try_candidate(file, now, &named);
    file->lost_at = 0;
    watched_file_drop(file);
    return WATCHED_FILE_SAME;
}

watched_file_look_t watched_file_look(watched_file_t *file, apr_time_t now)
{
    const watched_file_look_t found = look(file, now);

    /* A child that begins with another's value waits for the first word that
     * it still holds. */
    if (found != WATCHED_FILE_WAITING || file->candidate.is_doubtful
        || apr_atomic_read32(&file->looked_at))
        apr_atomic_set32(&file->looked_at, (apr_uint32_t)apr_time_sec(now));
    return found;
}

void watched_file_doubt(watched_file_t *file)
{
    apr_atomic_set32(&file->looked_at, 0);
}

const char *watched_file_load(watched_file_t *file, apr_time_t now)
{
    apr_status_t status;

    file->has_value = 0;
    status = open_candidate(file, now);
    if (status != APR_SUCCESS)
        lose(file, now, status);
    else
        watched_file_take(file, now, 1);
    apr_atomic_set32(&file->looked_at, (apr_uint32_t)apr_time_sec(now));
    return file->has_value ? NULL : file->fault;
}
