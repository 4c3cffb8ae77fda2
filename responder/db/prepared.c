/* SPDX-License-Identifier: Apache-2.0 */
#include "db/prepared.h"

#include <string.h>
#include <unistd.h>

#include "apr_atomic.h"
#include "apr_hash.h"
#include "apr_strings.h"

#include "db/driver.h"
#include "db/pgsql.h"
#include "db/plain.h"
#include "db/sqlite.h"

/* Under this name a connection's pool holds what is kept prepared on it. */
#define KEPT "ocsp_responder:statements"

/* One for each number of digits that is odd or even, of the CA and of the
 * certificate; longer, and it would be for tables that have changed. */
#define SLOTS 4

/* How long a PostgreSQL session is left alone with statements that it did not
 * hold: it is a new one, or another for each query behind a pooler. */
#define REST apr_time_from_sec(10)

typedef struct {
    apr_pool_t *pool; /* of what is here; NULL: nothing is */
    const char *sql;
    void *statement;  /* SQLite's own; NULL: none */
    const char *name; /* PostgreSQL's; NULL: none */
} slot_t;

typedef struct {
    int is_sqlite;
    slot_t slots[SLOTS];
    int next; /* slot to be used again */
    apr_time_t rest_until;
} kept_t;

static void empty(slot_t *slot)
{
    if (!slot->pool)
        return;
    if (slot->statement)
        sqlite_finalize(slot->statement);
    apr_pool_destroy(slot->pool);
    slot->pool = NULL;
}

static apr_status_t empty_all(void *data)
{
    kept_t *kept = data;
    int i;

    for (i = 0; i < SLOTS; i++)
        empty(&kept->slots[i]);
    return APR_SUCCESS;
}

static kept_t *kept_of(ap_dbd_t *dbd)
{
    void *data = NULL;
    kept_t *kept;

    apr_pool_userdata_get(&data, KEPT, dbd->pool);
    if (data)
        return data;
    kept = apr_pcalloc(dbd->pool, sizeof(*kept));
    kept->is_sqlite = driver_find(apr_dbd_name(dbd->driver))->is_file;
    apr_pool_userdata_setn(kept, KEPT, NULL, dbd->pool);
    /* Before the pools below it go, and so before mod_dbd closes the handle. */
    apr_pool_pre_cleanup_register(dbd->pool, kept, empty_all);
    return kept;
}

void prepared_forget(ap_dbd_t *dbd)
{
    empty_all(kept_of(dbd));
}

/* A name that stands for one text, whoever gave it: behind a pooler a session
 * may hold what another process has prepared. */
static const char *name_of(apr_pool_t *pool, const char *sql)
{
    apr_ssize_t length = APR_HASH_KEY_STRING;
    unsigned hash = apr_hashfunc_default(sql, &length);
    static apr_uint32_t names;

    return apr_psprintf(pool, "ocsp_%" APR_PID_T_FMT "_%x_%u", getpid(), hash,
                        apr_atomic_inc32(&names));
}

static int fill(slot_t *slot, const kept_t *kept, ap_dbd_t *dbd,
                const char *sql)
{
    void *native = apr_dbd_native_handle(dbd->driver, dbd->handle);
    const char *name;

    memset(slot, 0, sizeof(*slot));
    apr_pool_create(&slot->pool, dbd->pool);
    slot->sql = apr_pstrdup(slot->pool, sql);
    if (kept->is_sqlite) {
        slot->statement = sqlite_prepare(native, slot->sql);
        return slot->statement != NULL;
    }
    name = name_of(slot->pool, sql);
    if (pgsql_prepare(native, slot->pool, name, sql) != PGSQL_DONE)
        return 0;
    slot->name = name;
    return 1;
}

/* The slot of what is prepared already; NULL: none. */
static slot_t *find(kept_t *kept, const char *sql)
{
    int i;

    for (i = 0; i < SLOTS; i++) {
        if (kept->slots[i].pool && strcmp(kept->slots[i].sql, sql) == 0)
            return &kept->slots[i];
    }
    return NULL;
}

static slot_t *slot_for(kept_t *kept, ap_dbd_t *dbd, const char *sql)
{
    slot_t *slot = find(kept, sql);

    if (slot)
        return slot;
    slot = &kept->slots[kept->next++ % SLOTS];
    empty(slot);
    if (fill(slot, kept, dbd, sql))
        return slot;
    apr_pool_destroy(slot->pool);
    slot->pool = NULL;
    return NULL;
}

static int run_slot(const slot_t *slot, ap_dbd_t *dbd, apr_pool_t *pool,
                    const db_query_t *query, db_rows_t *rows)
{
    void *native = apr_dbd_native_handle(dbd->driver, dbd->handle);

    return slot->statement
        ? sqlite_run(slot->statement, pool, query, rows)
        : pgsql_run(native, pool, slot->name, query, 0, rows) == PGSQL_DONE;
}

/* 1: done, 0: it has to be run as text. */
static int run_prepared(ap_dbd_t *dbd, apr_pool_t *pool,
                        const db_query_t *query, db_rows_t *rows)
{
    kept_t *kept = kept_of(dbd);
    slot_t *slot;

    if (kept->rest_until && apr_time_now() < kept->rest_until)
        return 0;
    slot = slot_for(kept, dbd, query->text);
    if (slot && run_slot(slot, dbd, pool, query, rows))
        return 1;
    if (slot)
        empty(slot);
    if (!kept->is_sqlite)
        kept->rest_until = apr_time_now() + REST;
    return 0;
}

int prepared_run(ap_dbd_t *dbd, apr_pool_t *pool, const db_query_t *query,
                 int columns, db_rows_t *rows)
{
    memset(rows, 0, sizeof(*rows));
    rows->columns = columns;
    if (query->is_kept && driver_find(apr_dbd_name(dbd->driver))->keeps
        && run_prepared(dbd, pool, query, rows))
        return 0;
    return plain_run(dbd->driver, dbd->handle, pool, query, rows);
}

executor_tried_t prepared_try(ap_dbd_t *dbd, apr_pool_t *pool,
                              const db_query_t *query, int columns,
                              apr_time_t deadline, db_rows_t *rows)
{
    kept_t *kept = kept_of(dbd);
    slot_t *slot = find(kept, query->text);

    memset(rows, 0, sizeof(*rows));
    rows->columns = columns;
    if (!slot || !slot->name)
        return EXECUTOR_UNDONE;
    switch (pgsql_run(apr_dbd_native_handle(dbd->driver, dbd->handle), pool,
                      slot->name, query, deadline, rows)) {
    case PGSQL_DONE:
        return EXECUTOR_DONE;
    case PGSQL_PENDING:
        return EXECUTOR_PENDING;
    default:
        empty(slot);
        return EXECUTOR_UNDONE;
    }
}

int prepared_finish(ap_dbd_t *dbd)
{
    return pgsql_finish(apr_dbd_native_handle(dbd->driver, dbd->handle));
}
