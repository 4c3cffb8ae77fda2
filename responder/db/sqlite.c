/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include "apr_strings.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "db/kept.h"
#include "db/sqlite_file.h"
#include "db/symbols.h"

/* Of sqlite3.h, which need not be installed. */
enum {
    SQLITE_OK = 0,
    SQLITE_ERROR = 1,
    SQLITE_DENY = 1,
    SQLITE_PERM = 3,
    SQLITE_BUSY = 5,
    SQLITE_LOCKED = 6,
    SQLITE_READONLY = 8,
    SQLITE_INTERRUPT = 9,
    SQLITE_CANTOPEN = 14,
    SQLITE_SCHEMA = 17,
    SQLITE_AUTH = 23,
    SQLITE_ROW = 100,
    SQLITE_DONE = 101,
    SQLITE_READONLY_ROLLBACK = 776
};
enum {
    SQLITE_OPEN_READWRITE = 0x2,
    SQLITE_OPEN_URI = 0x40,
    SQLITE_OPEN_NOMUTEX = 0x8000,
    SQLITE_OPEN_PRIVATECACHE = 0x40000
};
enum { SQLITE_CONFIG_MEMSTATUS = 9 };
enum { SQLITE_ATTACH = 24, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE = 1006 };

/* After how many steps of a query's program the clock is looked at: some tenth
 * of a millisecond; a look-up takes a hundred. */
#define STEPS 10000

/* What each returns, what it is called here and there, and what it takes. */
#define FUNCTIONS(F) \
    F(int, threadsafe, "sqlite3_threadsafe", (void)) \
    F(int, config, "sqlite3_config", (int, ...)) \
    F(int, open, "sqlite3_open_v2", \
      (const char *, void **, int, const char *)) \
    F(int, close, "sqlite3_close", (void *)) \
    F(int, busy_handler, "sqlite3_busy_handler", \
      (void *, int (*)(void *, int), void *)) \
    F(void, progress_handler, "sqlite3_progress_handler", \
      (void *, int, int (*)(void *), void *)) \
    F(int, set_authorizer, "sqlite3_set_authorizer", \
      (void *, \
       int (*)(void *, int, const char *, const char *, const char *, \
               const char *), \
       void *)) \
    F(int, exec, "sqlite3_exec", \
      (void *, const char *, int (*)(void *, int, char **, char **), void *, \
       char **)) \
    F(int, db_config, "sqlite3_db_config", (void *, int, ...)) \
    F(const char *, errmsg, "sqlite3_errmsg", (void *)) \
    F(int, extended_errcode, "sqlite3_extended_errcode", (void *)) \
    F(int, prepare, "sqlite3_prepare_v2", \
      (void *, const char *, int, void **, const char **)) \
    F(int, bind_text, "sqlite3_bind_text", \
      (void *, int, const char *, int, void (*)(void *))) \
    F(int, step, "sqlite3_step", (void *)) \
    F(int, column_count, "sqlite3_column_count", (void *)) \
    F(const unsigned char *, column_text, "sqlite3_column_text", \
      (void *, int)) \
    F(int, column_bytes, "sqlite3_column_bytes", (void *, int)) \
    F(int, reset, "sqlite3_reset", (void *)) \
    F(int, finalize, "sqlite3_finalize", (void *)) \
    F(const char *, version, "sqlite3_libversion", (void))
#define FUNCTION(returns, member, name, takes) { name, (void **)&api.member },

/* Written once, before there are threads. */
static struct {
    FUNCTIONS(SYMBOLS_MEMBER)
} api;

/* What is open. */
typedef struct {
    apr_pool_t *pool; /* as long as the connection */
    void *handle;
    apr_array_header_t *files; /* sqlite_file_t: that of DBDParams, and those
                                * that DBDInitSQL attaches */
    const char *why;           /* one of those is not to be attached */
    int has_read;              /* to the end, once at least */
    apr_time_t deadline;       /* of the query that is run */
    kept_t kept;
} sqlite_t;

/* SQLite counts the memory it has, for nobody here, and all threads would wait
 * for each other at that count, a dozen times and more in a look-up. Where it
 * is in use already, it stays as it is. */
static int sqlite_load(void)
{
    const symbol_t wanted[] = { FUNCTIONS(FUNCTION) };

    if (!symbols_find(wanted, sizeof(wanted) / sizeof(*wanted)))
        return 0;
    api.config(SQLITE_CONFIG_MEMSTATUS, 0);
    return api.threadsafe();
}

/* -- connections ----------------------------------------------------------- */

/* The lock of a writer is waited for as long as the caller may wait. SQLite's
 * own way to wait tries ten times a second in the end, and may miss the moments
 * between the commits of a busy writer. */
static int wait_for_lock(void *connection, int times)
{
    const sqlite_t *sqlite = connection;

    if (deadline_left(sqlite->deadline) <= 0)
        return 0;
    apr_sleep(times < 10 ? INTERVALS_LOCK_FIRST : INTERVALS_LOCK_LATER);
    return 1;
}

/* A query that has no index to go by would keep its thread for minutes. */
static int is_late(void *connection)
{
    const sqlite_t *sqlite = connection;

    return deadline_left(sqlite->deadline) <= 0;
}

static void end_statement(void *statement)
{
    api.finalize(statement);
}

/* Whoever closes a file last writes its log into it, and deletes the log by its
 * name: where another has come by that name, what was revoked since would be
 * lost. An index that was deleted is held until all have closed, as nobody is
 * to be given it. */
static void sqlite_close(void *connection)
{
    sqlite_t *sqlite = connection;

    kept_end(&sqlite->kept);
    if (sqlite_files_have_indexes(sqlite->files, sqlite->pool))
        sqlite_files_release_indexes(sqlite->files);
    else
        api.db_config(sqlite->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                      NULL);
    api.close(sqlite->handle);
    sqlite_files_release_indexes(sqlite->files);
}

/* Another module may have connections share a cache, out of which one to a new
 * file would be given what the old one had. */
static int open_handle(sqlite_t *sqlite, apr_pool_t *pool, const char *params,
                       const char **why)
{
    if (api.open(params, &sqlite->handle,
                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
                     | SQLITE_OPEN_PRIVATECACHE,
                 NULL)
        == SQLITE_OK)
        return 1;
    *why = apr_psprintf(pool, "the SQLite file %s cannot be opened (%s)",
                        params, api.errmsg(sqlite->handle));
    api.close(sqlite->handle);
    return 0;
}

/* Notes the file that ATTACH names, before it is opened, so that a change
 * meanwhile shows afterwards. One that is not there SQLite does not attach, or
 * makes, as VACUUM INTO does. */
static int watch_attached(void *connection, int action, const char *name,
                          const char *none, const char *schema,
                          const char *trigger)
{
    sqlite_t *sqlite = connection;
    sqlite_file_t file;

    (void)none, (void)schema, (void)trigger;
    if (action != SQLITE_ATTACH)
        return SQLITE_OK;
    sqlite->why = "ATTACH has to name its file in a string";
    if (!name
        || (!sqlite_file_find(&file, sqlite->pool,
                              apr_pstrdup(sqlite->pool, name), &sqlite->why)
            && file.stamp.status == APR_SUCCESS))
        return SQLITE_DENY;
    if (file.stamp.status == APR_SUCCESS)
        APR_ARRAY_PUSH(sqlite->files, sqlite_file_t) = file;
    return SQLITE_OK;
}

/* A writer's lock is waited for, but not for long. In a transaction of theirs
 * each query would see what the first one saw. */
static int run_commands(sqlite_t *sqlite, apr_pool_t *pool,
                        const apr_array_header_t *commands, const char **why)
{
    int i, error = SQLITE_OK;

    sqlite->deadline = apr_time_now() + INTERVALS_STALL;
    api.set_authorizer(sqlite->handle, watch_attached, sqlite);
    for (i = 0; i < commands->nelts && error == SQLITE_OK; i++)
        error =
            api.exec(sqlite->handle, APR_ARRAY_IDX(commands, i, const char *),
                     NULL, NULL, NULL);
    api.set_authorizer(sqlite->handle, NULL, NULL);
    if (error == SQLITE_OK && commands->nelts)
        api.exec(sqlite->handle, "ROLLBACK", NULL, NULL, NULL);
    if (error != SQLITE_OK)
        *why = apr_pstrcat(pool, "DBDInitSQL failed (SQLite): ",
                           error == SQLITE_AUTH ? sqlite->why
                                                : api.errmsg(sqlite->handle),
                           NULL);
    return error == SQLITE_OK;
}

static void *sqlite_open(apr_pool_t *pool, const char *params,
                         const apr_array_header_t *commands, const char **why)
{
    sqlite_t *sqlite = apr_pcalloc(pool, sizeof(*sqlite));

    sqlite->pool = pool;
    sqlite->files = apr_array_make(pool, 2, sizeof(sqlite_file_t));
    sqlite->kept.end = end_statement;
    if (!sqlite_file_find(apr_array_push(sqlite->files), pool, params, why)
        || !open_handle(sqlite, pool, params, why))
        return NULL;
    api.busy_handler(sqlite->handle, wait_for_lock, sqlite);
    if (!run_commands(sqlite, pool, commands, why)) {
        api.close(sqlite->handle);
        return NULL;
    }
    api.progress_handler(sqlite->handle, STEPS, is_late, sqlite);
    return sqlite;
}

static int sqlite_is_usable(void *connection)
{
    const sqlite_t *sqlite = connection;

    return sqlite_files_are_current(sqlite->files, sqlite->pool);
}

/* -- queries --------------------------------------------------------------- */

static void *sqlite_prepare(sqlite_t *sqlite, const db_query_t *query,
                            int *error)
{
    void *statement =
        query->is_kept ? kept_find(&sqlite->kept, query->text) : NULL;

    if (statement)
        return statement;
    *error = api.prepare(sqlite->handle, query->text, -1, &statement, NULL);
    if (*error != SQLITE_OK)
        return NULL;
    return query->is_kept ? kept_add(&sqlite->kept, query->text, statement)
                          : statement;
}

static int bind_all(void *statement, const db_query_t *query)
{
    int i, error = SQLITE_OK;

    /* NULL is SQLITE_STATIC: the texts outlive the run. */
    for (i = 0; i < query->count && error == SQLITE_OK; i++)
        error = api.bind_text(statement, i + 1, query->arguments[i], -1, NULL);
    return error;
}

static const char *sqlite_column_of(void *statement, int row, int column,
                                    apr_size_t *length)
{
    const unsigned char *text = api.column_text(statement, column);

    (void)row;
    *length = (apr_size_t)api.column_bytes(statement, column);
    return (const char *)text;
}

static int step_all(void *statement, apr_array_header_t *list, int columns)
{
    int result;

    while ((result = api.step(statement)) == SQLITE_ROW) {
        /* It may have been prepared anew. */
        if (api.column_count(statement) != columns)
            return SQLITE_SCHEMA;
        result_add(list, columns, sqlite_column_of, statement, 0);
    }
    return result;
}

static driver_result_t sqlite_result_of(int error)
{
    /* Until somebody undoes what a dead writer left. */
    if (error == SQLITE_READONLY_ROLLBACK)
        return DRIVER_LATE;
    switch (error & 0xFF) {
    case SQLITE_DONE:
        return DRIVER_DONE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return DRIVER_LATE;
    case SQLITE_INTERRUPT:
        return DRIVER_SLOW;
    case SQLITE_ERROR:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_SCHEMA:
    case SQLITE_AUTH:
        return DRIVER_REFUSED;
    default:
        return DRIVER_LOST;
    }
}

static int run_statement(void *statement, const db_query_t *query,
                         apr_array_header_t *list)
{
    int error = bind_all(statement, query);

    if (error == SQLITE_OK)
        error = step_all(statement, list, query->columns);
    return error;
}

/* What may not be written tells by its extended code alone what it is. */
static int whole_error(const sqlite_t *sqlite, int error)
{
    return error == SQLITE_READONLY ? api.extended_errcode(sqlite->handle)
                                    : error;
}

/* Readers of a write-ahead log write beside the file, too. */
static const char *cure(int error)
{
    int code = error & 0xFF;

    if (error == SQLITE_READONLY_ROLLBACK)
        return "; a writer has died, and the user that httpd runs as may not "
               "undo what it left: whoever may write the file has to open it";
    return code == SQLITE_READONLY || code == SQLITE_CANTOPEN
        ? "; with journal_mode=WAL the user that httpd runs as must be able to "
          "read its -wal and -shm, or to write into the file's folder"
        : "";
}

static driver_result_t sqlite_run(void *connection, db_run_t *run)
{
    sqlite_t *sqlite = connection;
    const db_query_t *query = run->query;
    apr_array_header_t *list = result_begin(run->pool);
    int error = SQLITE_ERROR;
    void *statement;

    sqlite->deadline = run->deadline;
    statement = sqlite_prepare(sqlite, query, &error);
    if (statement)
        error = run_statement(statement, query, list);
    error = whole_error(sqlite, error);
    if (error != SQLITE_DONE)
        run->why =
            apr_psprintf(run->pool, "the query failed (SQLite, %d): %s%s",
                         error, api.errmsg(sqlite->handle), cure(error));
    if (statement && query->is_kept)
        api.reset(statement);
    else if (statement)
        api.finalize(statement);
    run->rows = result_rows(list, query->columns);
    /* Of one that fails, too, the index may have been read. */
    if (!sqlite->has_read)
        sqlite_files_note_indexes(sqlite->files, sqlite->pool);
    sqlite->has_read |= error == SQLITE_DONE;
    return sqlite_result_of(error);
}

static const char *sqlite_version(apr_pool_t *unused)
{
    (void)unused;
    return api.version();
}

const driver_t sqlite_driver = {
    .name = "sqlite3",
    .is_file = 1,
    .load = sqlite_load,
    .open = sqlite_open,
    .is_usable = sqlite_is_usable,
    .run = sqlite_run,
    .close = sqlite_close,
    .version = sqlite_version,
};
