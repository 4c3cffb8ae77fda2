/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include <string.h>

#include "apr_strings.h"
#include "apr_tables.h"

#include "db/symbols.h"

/* Of sqlite3.h, which need not be installed. */
enum { SQLITE_OK = 0, SQLITE_ROW = 100, SQLITE_DONE = 101 };
enum { FCNTL_HAS_MOVED = 20 };

/* Written once, before there are threads. */
static struct {
    int (*threadsafe)(void);
    int (*prepare_v2)(void *, const char *, int, void **, const char **);
    int (*bind_text)(void *, int, const char *, int, void (*)(void *));
    int (*step)(void *);
    int (*column_count)(void *);
    const unsigned char *(*column_text)(void *, int);
    int (*reset)(void *);
    int (*finalize)(void *);
    int (*file_control)(void *, const char *, int, void *);
    int is_whole; /* all of them are there */
} api;

void sqlite_find_functions(void)
{
    const symbol_t wanted[] = {
        { "sqlite3_threadsafe", (void **)&api.threadsafe },
        { "sqlite3_prepare_v2", (void **)&api.prepare_v2 },
        { "sqlite3_bind_text", (void **)&api.bind_text },
        { "sqlite3_step", (void **)&api.step },
        { "sqlite3_column_count", (void **)&api.column_count },
        { "sqlite3_column_text", (void **)&api.column_text },
        { "sqlite3_reset", (void **)&api.reset },
        { "sqlite3_finalize", (void **)&api.finalize },
    };
    const symbol_t welcome = { "sqlite3_file_control",
                               (void **)&api.file_control };

    api.is_whole = symbols_find(wanted, sizeof(wanted) / sizeof(*wanted))
        && api.threadsafe();
    symbols_find(&welcome, 1);
}

/* What SQLite knows of the file of a connection, or 0. */
static int ask_file(void *connection, int what, void *answer)
{
    return api.file_control
        && api.file_control(connection, "main", what, answer) == SQLITE_OK;
}

int sqlite_has_moved(void *connection)
{
    int moved = 0;

    return ask_file(connection, FCNTL_HAS_MOVED, &moved) && moved;
}

/* -- statements ------------------------------------------------------------ */

void *sqlite_prepare(void *connection, const char *sql)
{
    void *statement = NULL;

    if (!api.is_whole
        || api.prepare_v2(connection, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    return statement;
}

static int bind_all(void *statement, const db_query_t *query)
{
    int i;

    /* NULL is SQLITE_STATIC: the texts outlive the run. */
    for (i = 0; i < query->count; i++) {
        if (api.bind_text(statement, i + 1, query->arguments[i], -1, NULL)
            != SQLITE_OK)
            return 0;
    }
    return 1;
}

static const char *const *copy_row(void *statement, apr_pool_t *pool,
                                   int columns)
{
    const char **row = apr_palloc(pool, (apr_size_t)columns * sizeof(*row));
    int i;

    for (i = 0; i < columns; i++)
        row[i] = apr_pstrdup(pool, (const char *)api.column_text(statement, i));
    return row;
}

int sqlite_run(void *statement, apr_pool_t *pool, const db_query_t *query,
               db_rows_t *rows)
{
    apr_array_header_t *copy =
        apr_array_make(pool, 4, sizeof(const char *const *));
    int result = bind_all(statement, query) ? SQLITE_ROW : SQLITE_OK;

    while (result == SQLITE_ROW) {
        result = api.step(statement);
        /* It may have been prepared anew. */
        if (result == SQLITE_ROW
            && api.column_count(statement) != rows->columns)
            result = SQLITE_OK;
        if (result == SQLITE_ROW)
            APR_ARRAY_PUSH(copy, const char *const *) =
                copy_row(statement, pool, rows->columns);
    }
    api.reset(statement);
    rows->rows = (const char *const *const *)copy->elts;
    rows->count = copy->nelts;
    return result == SQLITE_DONE;
}

void sqlite_finalize(void *statement)
{
    api.finalize(statement);
}
