/* SPDX-License-Identifier: Apache-2.0 */
#include "db/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "apr_atomic.h"
#include "apr_hash.h"
#include "apr_strings.h"

#include "db/pgsql.h"
#include "db/sqlite.h"
#include "db/prepared.h"
#include "db/symbols.h"

/* Under this name a connection's pool holds what is known of it. */
#define KNOWN "ocsp_responder:connection"

/* How long what was sent may stay without an acknowledgement, from a host that
 * is gone or behind a firewall that forgot the connection. */
#define SILENCE 2000u /* milliseconds */

typedef struct {
    const dbd_cfg_t *settings;      /* that it was made with */
    volatile apr_uint32_t *counter; /* of those that are open; NULL: it is not
                                     * counted yet */
    int has_file;                   /* the next is known */
    sqlite_file_t file;             /* that is open; no other gets its numbers
                                     * before it is closed */
} known_t;

static volatile apr_uint32_t closed;

static apr_status_t note_closed(void *data)
{
    const known_t *known = data;

    if (known->counter)
        apr_atomic_dec32(known->counter);
    apr_atomic_inc32(&closed);
    return APR_SUCCESS;
}

static apr_status_t note_opened(apr_pool_t *pool, dbd_cfg_t *settings,
                                ap_dbd_t *dbd)
{
    known_t *known = apr_pcalloc(dbd->pool, sizeof(*known));

    (void)pool;
    known->settings = settings;
    apr_pool_userdata_setn(known, KNOWN, NULL, dbd->pool);
    apr_pool_cleanup_register(dbd->pool, known, note_closed,
                              apr_pool_cleanup_null);
    return APR_SUCCESS;
}

/* NULL: it was made before there was a hook. */
static known_t *known_of(const ap_dbd_t *dbd)
{
    void *data = NULL;

    apr_pool_userdata_get(&data, KNOWN, dbd->pool);
    return data;
}

void connection_register_hooks(void)
{
    APR_OPTIONAL_HOOK(dbd, post_connect, note_opened, NULL, NULL,
                      APR_HOOK_MIDDLE);
}

int connection_count(const ap_dbd_t *dbd, volatile apr_uint32_t *counter)
{
    known_t *known = known_of(dbd);

    if (!known || known->counter)
        return known != NULL;
    known->counter = counter;
    apr_atomic_inc32(counter);
    return 0;
}

apr_uint32_t connection_closed(void)
{
    return apr_atomic_read32(&closed);
}

/* -- a silent peer --------------------------------------------------------- */

/* Written by connection_child_init(). */
static int (*mysql_socket)(void *);

static int socket_of(const ap_dbd_t *dbd)
{
    void *native = apr_dbd_native_handle(dbd->driver, dbd->handle);
    const char *driver = apr_dbd_name(dbd->driver);

    if (strcmp(driver, "pgsql") == 0)
        return pgsql_socket(native);
    return strcmp(driver, "mysql") == 0 && mysql_socket ? mysql_socket(native)
                                                        : -1;
}

/* Each time, as a driver reconnects without a word. */
void connection_prepare(ap_dbd_t *dbd)
{
#ifdef TCP_USER_TIMEOUT
    const unsigned silence = SILENCE;
    int wire = socket_of(dbd);

    /* Fails, and need not work, for a socket that is not TCP's. */
    if (wire >= 0)
        setsockopt(wire, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence,
                   sizeof(silence));
#endif
}

/* -- SQLite's file --------------------------------------------------------- */

/* Does for the new handle what mod_dbd did for the old one. */
static int prepare(ap_dbd_t *dbd, const dbd_cfg_t *settings)
{
    apr_hash_index_t *each;
    int i, rows;

    dbd->prepared = apr_hash_make(dbd->pool);
    for (each = apr_hash_first(dbd->pool, settings->queries); each;
         each = apr_hash_next(each)) {
        const char *label = apr_hash_this_key(each);
        const char *query = apr_hash_this_val(each);
        apr_dbd_prepared_t *statement = NULL;

        if (*query
            && apr_dbd_prepare(dbd->driver, dbd->pool, dbd->handle, query,
                               label, &statement)
                != 0)
            return 0;
        if (*query)
            apr_hash_set(dbd->prepared, label, APR_HASH_KEY_STRING, statement);
    }
    for (i = 0; i < settings->init_queries->nelts; i++)
        apr_dbd_query(dbd->driver, dbd->handle, &rows,
                      APR_ARRAY_IDX(settings->init_queries, i, const char *));
    return 1;
}

/* In place, as mod_dbd has no way to be told that a connection is bad, and
 * finds no fault with this one. Its pool keeps the little that the old one
 * took. */
static int move(ap_dbd_t *dbd, const dbd_cfg_t *settings, apr_pool_t *pool,
                const char **why)
{
    ap_dbd_t fresh = *dbd;
    const char *error = NULL;

    if (apr_dbd_open_ex(dbd->driver, dbd->pool, settings->params, &fresh.handle,
                        &error)
        != APR_SUCCESS) {
        *why = apr_psprintf(pool,
                            "the SQLite file was replaced, and the new "
                            "one cannot be opened: %s",
                            error ? error : "");
        return 0;
    }
    if (!prepare(&fresh, settings)) {
        apr_dbd_close(dbd->driver, fresh.handle);
        *why = "the SQLite file was replaced, and what others prepare does "
               "not fit the new one";
        return 0;
    }
    prepared_forget(dbd);
    apr_dbd_close(dbd->driver, dbd->handle);
    *dbd = fresh;
    return 1;
}

/* Finds out which file is open. Only if the name stands for the same one before
 * and after SQLite looks, that is the one. */
static void know_file(known_t *known, const char *name,
                      const sqlite_file_t *before)
{
    sqlite_file_t after;

    known->file = *before;
    known->has_file =
        sqlite_file_find(name, &after) && sqlite_file_is(&after, before);
}

int connection_follow(ap_dbd_t *dbd, apr_pool_t *pool, const char *name,
                      sqlite_file_t *file, const char **why)
{
    known_t *known = known_of(dbd);

    if (known && known->has_file && sqlite_file_is(&known->file, file))
        return 1;
    if (!sqlite_has_moved(apr_dbd_native_handle(dbd->driver, dbd->handle))) {
        if (known)
            know_file(known, name, file);
        return 1;
    }
    *why = "the SQLite file is gone";
    if (!known || !sqlite_file_find(name, file)
        || !move(dbd, known->settings, pool, why))
        return 0;
    known->has_file = 0;
    return 1;
}

/* -------------------------------------------------------------------------- */

void connection_child_init(void)
{
    const symbol_t wanted = { "mysql_get_socket", (void **)&mysql_socket };

    symbols_find(&wanted, 1);
    pgsql_find_functions();
    sqlite_find_functions();
}
