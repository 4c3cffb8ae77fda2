/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "apr_atomic.h"
#include "apr_hash.h"
#include "apr_strings.h"

#include "engine.h"
#include "sqlite.h"
#include "statement.h"

/* Under this name a connection's pool holds the settings it was made with. */
#define SETTINGS "ocsp_responder:dbd"

/* How long what was sent may stay without an acknowledgement, from a host that
 * is gone or behind a firewall that forgot the connection. */
#define SILENCE 2000u /* milliseconds */

static volatile apr_uint32_t closed;

static apr_status_t note_closed(void *data)
{
    (void)data;
    apr_atomic_inc32(&closed);
    return APR_SUCCESS;
}

static apr_status_t note_opened(apr_pool_t *pool, dbd_cfg_t *settings,
                                ap_dbd_t *dbd)
{
    (void)pool;
    apr_pool_userdata_setn(settings, SETTINGS, NULL, dbd->pool);
    apr_pool_cleanup_register(dbd->pool, NULL, note_closed,
                              apr_pool_cleanup_null);
    return APR_SUCCESS;
}

void connection_register_hooks(void)
{
    APR_OPTIONAL_HOOK(dbd, post_connect, note_opened, NULL, NULL,
                      APR_HOOK_MIDDLE);
}

apr_uint32_t connection_closed(void)
{
    return apr_atomic_read32(&closed);
}

/* -- a silent peer --------------------------------------------------------- */

/* Written by connection_child_init(). */
static int (*pgsql_socket)(void *), (*mysql_socket)(void *);

static int socket_of(const ap_dbd_t *dbd, void *native)
{
    const char *driver = apr_dbd_name(dbd->driver);

    if (strcmp(driver, "pgsql") == 0)
        return pgsql_socket ? pgsql_socket(native) : -1;
    return strcmp(driver, "mysql") == 0 && mysql_socket
        ? mysql_socket(native) : -1;
}

/* Each time, as a driver reconnects without a word. */
static void mind_silence(const ap_dbd_t *dbd, void *native)
{
#ifdef TCP_USER_TIMEOUT
    const unsigned silence = SILENCE;
    int wire = socket_of(dbd, native);

    /* Fails, and need not work, for a socket that is not TCP's. */
    if (wire >= 0)
        setsockopt(wire, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence,
                   sizeof(silence));
#endif
}

/* -- SQLite's file --------------------------------------------------------- */

const char *connection_file(apr_pool_t *pool, const char *driver,
                            const char *params)
{
    const engine_t *engine = engine_find(driver);
    const char *query;

    if (!engine || !engine->is_file)
        return NULL;
    if (strncmp(params, "file:", 5) == 0) {
        params += 5;
        if (strncmp(params, "//", 2) == 0)
            params = ap_strchr_c(params + 2, '/');
        query = params ? ap_strchr_c(params, '?') : NULL;
        if (query)
            params = apr_pstrmemdup(pool, params, (apr_size_t)(query - params));
    }
    return params && *params && *params != ':' ? params : NULL;
}

int connection_file_is_there(const char *file)
{
    struct stat found;

    return stat(file, &found) == 0 && found.st_size > 0;
}

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

        if (*query && apr_dbd_prepare(dbd->driver, dbd->pool, dbd->handle,
                                      query, label, &statement) != 0)
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
static int move(ap_dbd_t *dbd, apr_pool_t *pool, const char **why)
{
    ap_dbd_t fresh = *dbd;
    const char *error = NULL, *file;
    void *data = NULL;
    const dbd_cfg_t *settings;

    apr_pool_userdata_get(&data, SETTINGS, dbd->pool);
    settings = data;
    file = settings ? connection_file(pool, settings->name, settings->params)
                    : NULL;
    if (!file || !connection_file_is_there(file)) {
        *why = "the SQLite file is gone";
        return 0;
    }
    if (apr_dbd_open_ex(dbd->driver, dbd->pool, settings->params,
                        &fresh.handle, &error) != APR_SUCCESS) {
        *why = apr_psprintf(pool, "the SQLite file was replaced, and the new "
                            "one cannot be opened: %s", error ? error : "");
        return 0;
    }
    if (!prepare(&fresh, settings)) {
        apr_dbd_close(dbd->driver, fresh.handle);
        *why = "the SQLite file was replaced, and what others prepare does "
            "not fit the new one";
        return 0;
    }
    statement_forget(dbd);
    apr_dbd_close(dbd->driver, dbd->handle);
    *dbd = fresh;
    return 1;
}

/* -------------------------------------------------------------------------- */

/* This module is not linked to the libraries behind the drivers; NULL where one
 * is not there. */
void connection_child_init(void)
{
    *(void **)&pgsql_socket = dlsym(RTLD_DEFAULT, "PQsocket");
    *(void **)&mysql_socket = dlsym(RTLD_DEFAULT, "mysql_get_socket");
    sqlite_find_functions();
}

int connection_ready(ap_dbd_t *dbd, apr_pool_t *pool, const char **why)
{
    void *native = apr_dbd_native_handle(dbd->driver, dbd->handle);

    if (strcmp(apr_dbd_name(dbd->driver), "sqlite3") == 0)
        return !sqlite_has_moved(native) || move(dbd, pool, why);
    mind_silence(dbd, native);
    return 1;
}
