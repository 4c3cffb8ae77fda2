/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/pair.h"

#include "apr_thread_mutex.h"

#include "base/snapshot.h"
#include "httpd/log.h"
#include "serve/failure.h"

/* A pair of two files is bad while only one of them is new. */
#define PATIENCE apr_time_from_sec(5)

struct pair_t {
    server_rec *server;
    const config_t *config;
    const credentials_t *loaded; /* by the parent process; NULL: it could not */
    const char *why;
    /* In a child process: */
    snapshot_t *renewed;       /* with the credentials_t in place of loaded */
    failure_t *failure;        /* of renewing them */
    apr_thread_mutex_t *mutex; /* of who renews them; guards the rest */
    apr_time_t bad_since;      /* what is to take its place; 0: it isn't */
};

pair_t *pair_create(apr_pool_t *pool, server_rec *server,
                    const config_t *config, const credentials_t *loaded,
                    const char *why)
{
    pair_t *pair = apr_pcalloc(pool, sizeof(*pair));

    pair->server = server;
    pair->config = config;
    pair->loaded = loaded;
    pair->why = why;
    return pair;
}

void pair_child_init(pair_t *pair, apr_pool_t *pool)
{
    pair->renewed = snapshot_create(pool);
    pair->failure = failure_create(pool);
    apr_thread_mutex_create(&pair->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
}

static const credentials_t *current(pair_t *pair, apr_pool_t *pool)
{
    const credentials_t *renewed = snapshot_read(pair->renewed, pool);

    return renewed ? renewed : pair->loaded;
}

const credentials_t *pair_read(pair_t *pair, apr_pool_t *pool, const char **why)
{
    const credentials_t *now = current(pair, pool);

    failure_get(pair->failure, pool, why);
    if (!**why && !now)
        *why = pair->why;
    return now;
}

/* -- renewing -------------------------------------------------------------- */

/* What could not be loaded by the parent may be there by now. */
static const credentials_t *make(pair_t *pair, const credentials_t *old,
                                 apr_pool_t *pool, const char **why)
{
    const config_place_t *at;

    return old ? credentials_renew(pool, pair->config, old, why)
               : credentials_load(pool, pair->config, &at, why);
}

static void tell_outdated(pair_t *pair, const credentials_t *old,
                          const char *why)
{
    const char *ca = pair->config->ca;
    apr_time_t now = apr_time_now();

    if (!pair->bad_since)
        pair->bad_since = now;
    if (old && old->key && now - pair->bad_since >= PATIENCE)
        log_server_fault(
            pair->server, pair->config, APLOG_ERR, "OCSP0503", ca,
            "%s: the pair in use stays, as a new one cannot be used: %s", ca,
            why);
}

static void replace(pair_t *pair, const credentials_t *old)
{
    apr_pool_t *pool = snapshot_pool();
    const char *why = "out of memory";
    const credentials_t *made = pool ? make(pair, old, pool, &why) : NULL;

    if (made) {
        snapshot_replace(pair->renewed, made, pool);
        pair->bad_since = 0;
        failure_set(pair->failure, OCSP_RESPONDER_LOOKUP_DONE, NULL);
        return;
    }
    failure_set(pair->failure, OCSP_RESPONDER_LOOKUP_FAILED, why);
    tell_outdated(pair, old, why);
    if (pool)
        apr_pool_destroy(pool);
}

void pair_renew(pair_t *pair, apr_pool_t *scratch)
{
    const credentials_t *old = current(pair, scratch);

    if (apr_thread_mutex_trylock(pair->mutex) != APR_SUCCESS)
        return;
    if (!old || credentials_has_changed(old, scratch))
        replace(pair, old);
    else
        pair->bad_since = 0;
    apr_thread_mutex_unlock(pair->mutex);
}
