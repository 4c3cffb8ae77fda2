/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/credentials_holder.h"

#include "apr_thread_mutex.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/snapshot.h"
#include "httpd/log.h"
#include "serve/failure.h"

struct credentials_holder_t {
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

credentials_holder_t *credentials_holder_create(
    apr_pool_t *pool, server_rec *server, const config_t *config,
    const credentials_t *loaded, const char *why)
{
    credentials_holder_t *holder = apr_pcalloc(pool, sizeof(*holder));

    holder->server = server;
    holder->config = config;
    holder->loaded = loaded;
    holder->why = why;
    return holder;
}

void credentials_holder_child_init(credentials_holder_t *holder,
                                   apr_pool_t *pool)
{
    holder->renewed = snapshot_create(pool);
    holder->failure = failure_create(pool);
    apr_thread_mutex_create(&holder->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
}

static const credentials_t *current(credentials_holder_t *holder,
                                    apr_pool_t *pool)
{
    const credentials_t *renewed = snapshot_read(holder->renewed, pool);

    return renewed ? renewed : holder->loaded;
}

const credentials_t *credentials_holder_in_use(
    credentials_holder_t *holder, apr_pool_t *pool, const char **why)
{
    const credentials_t *now = current(holder, pool);

    failure_get(holder->failure, pool, why);
    if (!**why && !now)
        *why = holder->why;
    return now;
}

const credentials_t *credentials_holder_before(credentials_holder_t *holder,
                                               apr_pool_t *scratch)
{
    return snapshot_read(holder->renewed, scratch) ? holder->loaded : NULL;
}

/* What could not be loaded by the parent may be there by now. */
static const credentials_t *renewed(credentials_holder_t *holder,
                                    const credentials_t *old, apr_pool_t *pool,
                                    const char **why)
{
    const config_place_t *at;

    return old ? credentials_renew(pool, holder->config, old, why)
               : credentials_load(pool, holder->config, &at, why);
}

static void tell_outdated(credentials_holder_t *holder,
                          const credentials_t *old, const char *why)
{
    const char *ca = holder->config->ca;
    apr_time_t now = apr_time_now();

    if (!holder->bad_since)
        holder->bad_since = now;
    if (old && old->key
        && !deadline_is_recent(holder->bad_since, INTERVALS_HALF_RENEWED, now))
        log_server_fault(
            holder->server, holder->config, APLOG_ERR, "OCSP0503", ca,
            "%s: the pair in use stays, as a new one cannot be used: %s", ca,
            why);
}

static void replace(credentials_holder_t *holder, const credentials_t *old)
{
    apr_pool_t *pool = snapshot_pool();
    const char *why = "out of memory";
    const credentials_t *made = pool ? renewed(holder, old, pool, &why) : NULL;

    if (made) {
        snapshot_replace(holder->renewed, made, pool);
        holder->bad_since = 0;
        failure_set(holder->failure, OCSP_RESPONDER_LOOKUP_DONE, NULL);
        return;
    }
    failure_set(holder->failure, OCSP_RESPONDER_LOOKUP_FAILED, why);
    tell_outdated(holder, old, why);
    if (pool)
        apr_pool_destroy(pool);
}

void credentials_holder_renew(credentials_holder_t *holder, apr_pool_t *scratch)
{
    const credentials_t *old = current(holder, scratch);

    if (apr_thread_mutex_trylock(holder->mutex) != APR_SUCCESS)
        return;
    if (!old || credentials_has_changed(old, scratch))
        replace(holder, old);
    else
        holder->bad_since = 0;
    apr_thread_mutex_unlock(holder->mutex);
}
