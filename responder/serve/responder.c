/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/responder.h"

#include "apr_atomic.h"
#include "apr_thread_mutex.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/snapshot.h"
#include "httpd/log.h"
#include "serve/failure.h"
#include "serve/task.h"

struct responder_t {
    responder_parts_t parts;
    credentials_holder_t *pair;
    /* In a child process: */
    volatile apr_uint32_t is_doubted; /* what was listed */
    snapshot_t *cas;                  /* a ca_set_t */
    authorities_t *authorities;
    task_t *listing;           /* of the CAs */
    task_t *watching;          /* of files: apart, as it may hang */
    failure_t *failure;        /* of listing */
    apr_thread_mutex_t *mutex; /* guards what follows */
    apr_time_t taken_at;       /* when the set was last found right */
    apr_time_t read_at;        /* … with all certificates; of listing */
    apr_time_t due;            /* when to look again … */
    apr_time_t due_early;      /* … for a CA that is not known */
    apr_time_t watched_at;     /* when files were last looked at */
};

responder_t *responder_create(apr_pool_t *pool, const responder_parts_t *parts)
{
    responder_t *responder = apr_pcalloc(pool, sizeof(*responder));

    responder->parts = *parts;
    responder->pair = credentials_holder_create(
        pool, parts->server, parts->config, parts->credentials, parts->why);
    return responder;
}

static void list(void *data);
static void watch(void *data);

void responder_child_init(responder_t *responder, apr_pool_t *pool)
{
    authorities_parts_t parts = { .server = responder->parts.server,
                                  .config = responder->parts.config,
                                  .source = responder->parts.source,
                                  .pair = responder->pair,
                                  .cas = snapshot_create(pool),
                                  .threads = task_threads_create(pool) };

    credentials_holder_child_init(responder->pair, pool);
    responder->cas = parts.cas;
    responder->authorities = authorities_create(pool, &parts);
    responder->failure = failure_create(pool);
    responder->listing =
        task_create(pool, task_threads_create(pool), list, responder);
    responder->watching = task_create(pool, parts.threads, watch, responder);
    apr_thread_mutex_create(&responder->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
}

const responder_parts_t *responder_parts(const responder_t *responder)
{
    return &responder->parts;
}

authorities_t *responder_authorities(const responder_t *responder)
{
    return responder->authorities;
}

/* -- the CAs; all of the listing ------------------------------------------- */

/* Whether the source may change what there is to know. */
static int is_moving(const responder_t *responder)
{
    const config_t *config = responder->parts.config;

    return config_ca_is_all(config) || config_ca_is_path(config)
        || config_key_is_auto(config) || config_cert_is_auto(config)
        || config_never_expires(config);
}

static void tell_unreadable(const responder_t *responder, const ca_set_t *set)
{
    int i;

    for (i = 0; i < set->unreadable->nelts; i++) {
        const char *text = APR_ARRAY_IDX(set->unreadable, i, const char *);

        log_server_fault(responder->parts.server, responder->parts.config,
                         APLOG_ERR, "OCSP0501", text, "%s", text);
    }
}

static ocsp_responder_lookup_t load_set(
    responder_t *responder, const ocsp_responder_call_t *call, const char **why)
{
    const ca_set_t *old = snapshot_read(responder->cas, call->pool), *set = old;
    ocsp_responder_call_t asking = *call;
    apr_time_t now = apr_time_now();
    apr_pool_t *own = snapshot_pool();
    ocsp_responder_lookup_t result;

    if (old && config_ca_is_all(responder->parts.config)
        && deadline_is_recent(responder->read_at, INTERVALS_CAS_KNOWN, now))
        ca_set_tell(&asking, old);
    if (!own) {
        *why = "out of memory";
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    }
    result = ca_set_load(&set, own, responder->parts.config,
                         responder->parts.source, &asking, why);
    if (result == OCSP_RESPONDER_LOOKUP_DONE) {
        if (!asking.known)
            responder->read_at = now;
        apr_thread_mutex_lock(responder->mutex);
        responder->taken_at = apr_time_now();
        apr_thread_mutex_unlock(responder->mutex);
        tell_unreadable(responder, set);
    }
    if (result == OCSP_RESPONDER_LOOKUP_DONE && set != old)
        snapshot_replace(responder->cas, set, own);
    else
        apr_pool_destroy(own);
    return result;
}

/* Whether there is anything to answer with at all. */
static int can_answer(responder_t *responder, apr_pool_t *pool,
                      const char **why)
{
    if (!responder->parts.source) {
        *why = responder->parts.why;
        return 0;
    }
    if (credentials_holder_in_use(responder->pair, pool, why))
        return 1;
    credentials_holder_renew(responder->pair, pool);
    return credentials_holder_in_use(responder->pair, pool, why) != NULL;
}

static void load_cas(responder_t *responder, const ocsp_responder_call_t *call)
{
    ocsp_responder_lookup_t result = OCSP_RESPONDER_LOOKUP_FAILED;
    const responder_parts_t *parts = &responder->parts;
    const char *why = NULL;

    if (can_answer(responder, call->pool, &why))
        result = load_set(responder, call, &why);
    failure_set(responder->failure, result, why);
    if (result == OCSP_RESPONDER_LOOKUP_FAILED && is_moving(responder)
        && snapshot_read(responder->cas, call->pool))
        log_server_fault(parts->server, parts->config, APLOG_ERR, "OCSP0505",
                         parts->config->ca,
                         "%s: what was known before stays in use: %s",
                         parts->config->ca, why);
}

/* -- looking again --------------------------------------------------------- */

/* How long to rest after what took so long. */
static apr_interval_time_t rest_after(apr_interval_time_t took,
                                      apr_interval_time_t least)
{
    apr_interval_time_t rest = took * INTERVALS_CAS_TIMES;

    if (rest < least)
        rest = least;
    return rest < INTERVALS_CAS_MOST ? rest : INTERVALS_CAS_MOST;
}

static void set_due(responder_t *responder, apr_pool_t *pool,
                    apr_interval_time_t took)
{
    apr_time_t now = apr_time_now();
    const ca_set_t *set = snapshot_read(responder->cas, pool);
    apr_interval_time_t least = INTERVALS_LOOK;
    const char *why;
    int may_rest = is_moving(responder)
        && failure_get(responder->failure, pool, &why)
            == OCSP_RESPONDER_LOOKUP_DONE;

    if (may_rest)
        least = set && set->count * INTERVALS_CAS_EACH > INTERVALS_CAS
            ? set->count * INTERVALS_CAS_EACH
            : INTERVALS_CAS;
    apr_thread_mutex_lock(responder->mutex);
    responder->due_early =
        now + rest_after(may_rest ? took : 0, INTERVALS_LOOK);
    responder->due = now + rest_after(may_rest ? took : 0, least);
    apr_thread_mutex_unlock(responder->mutex);
}

static void list(void *data)
{
    responder_t *responder = data;
    apr_time_t began = apr_time_now();
    ocsp_responder_call_t call = { .server = responder->parts.server,
                                   .pool = snapshot_pool(),
                                   .deadline = began + INTERVALS_RENEWAL };

    if (!call.pool)
        return;
    if (apr_atomic_xchg32(&responder->is_doubted, 0) || is_moving(responder)
        || !snapshot_read(responder->cas, call.pool))
        load_cas(responder, &call);
    set_due(responder, call.pool, apr_time_now() - began);
    apr_pool_destroy(call.pool);
}

static void watch(void *data)
{
    responder_t *responder = data;
    apr_pool_t *scratch = snapshot_pool();

    if (!scratch)
        return;
    credentials_holder_renew(responder->pair, scratch);
    authorities_renew(responder->authorities, scratch);
    apr_thread_mutex_lock(responder->mutex);
    responder->watched_at = apr_time_now();
    apr_thread_mutex_unlock(responder->mutex);
    apr_pool_destroy(scratch);
}

/* Whether it is time to look again, and whether what is known is too old. */
typedef struct {
    int is_due;
    int is_stale;
    int is_unwatched; /* likewise, of the files */
} age_t;

/* A clock that was set back puts nothing off. */
static age_t age_of(responder_t *responder, int early)
{
    apr_time_t now = apr_time_now(), due, taken_at, watched_at;
    age_t age;

    apr_thread_mutex_lock(responder->mutex);
    due = early ? responder->due_early : responder->due;
    taken_at = responder->taken_at;
    watched_at = responder->watched_at;
    apr_thread_mutex_unlock(responder->mutex);
    age.is_due = now >= due || due - now > INTERVALS_CAS_MOST;
    age.is_stale = is_moving(responder)
        && !deadline_is_recent(taken_at, INTERVALS_CAS_STALE, now);
    age.is_unwatched =
        !deadline_is_recent(watched_at, INTERVALS_CAS_STALE, now);
    return age;
}

/* Looks again, waiting for it. */
static const ca_set_t *wait_for_cas(responder_t *responder,
                                    const ocsp_responder_call_t *call,
                                    int is_due, ocsp_responder_lookup_t *result,
                                    const char **why)
{
    const ca_set_t *set;
    const char *why_not;

    if (is_due && !task_wait(responder->listing, call->deadline, &why_not)) {
        *result = OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
        *why =
            apr_pstrcat(call->pool, "its CAs cannot be listed ", why_not, NULL);
        return NULL;
    }
    set = snapshot_read(responder->cas, call->pool);
    *result = failure_get(responder->failure, call->pool, why);
    return *result == OCSP_RESPONDER_LOOKUP_UNAVAILABLE ? NULL : set;
}

/* Waits for a look at the files, after nobody has asked for a while: an old
 * pair may have expired since. */
static void catch_up(responder_t *responder, const ocsp_responder_call_t *call)
{
    apr_time_t deadline = apr_time_now() + INTERVALS_CATCH_UP;
    const char *why_not;

    if (deadline > call->deadline)
        deadline = call->deadline;
    if (task_wait(responder->watching, deadline, &why_not))
        authorities_join(responder->authorities, call->pool, deadline);
}

const ca_set_t *responder_cas(responder_t *responder,
                              const ocsp_responder_call_t *call, int early,
                              ocsp_responder_lookup_t *result, const char **why)
{
    const ca_set_t *set = snapshot_read(responder->cas, call->pool);
    age_t age = age_of(responder, early);

    if (age.is_due && !age.is_unwatched)
        task_start(responder->watching);
    if (!set || early || age.is_stale)
        set = wait_for_cas(responder, call, age.is_due, result, why);
    else if (age.is_due)
        task_start(responder->listing);
    if (set && age.is_unwatched)
        catch_up(responder, call);
    return set;
}

void responder_doubt(responder_t *responder)
{
    apr_atomic_set32(&responder->is_doubted, 1);
}

/* -- what is known --------------------------------------------------------- */

const ca_set_t *responder_known_cas(responder_t *responder, apr_pool_t *pool,
                                    apr_time_t *taken_at)
{
    apr_thread_mutex_lock(responder->mutex);
    *taken_at = responder->taken_at;
    apr_thread_mutex_unlock(responder->mutex);
    return snapshot_read(responder->cas, pool);
}
