/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/socache.h"

#include <unistd.h>

#include "ap_socache.h"
#include "mod_status.h"
#include "apr_atomic.h"
#include "apr_strings.h"
#include "apr_thread_proc.h"
#include "base/intervals.h"
#include "httpd/log.h"
#include "util_mutex.h"

#include "base/snapshot.h"
#include "db/breaker.h"
#include "db/executor.h"
#include "httpd/cache_provider.h"
#include "httpd/counters.h"

APLOG_USE_MODULE(ocsp_responder);

#define MUTEX_TYPE "ocsp-responder-cache"

/* The provider that waits for nobody. */
#define SHARED_MEMORY "shmcb"

/* How many of a child's requests use such a cache at a time. So many threads
 * hang in it when it hangs. */
#define AT_A_TIME 8

/* Written while the configuration is read and by child_init; read-only
 * after. */
static struct {
    ap_socache_provider_t *provider; /* NULL: no cache */
    ap_socache_instance_t *instance;
    const char *name;
    apr_global_mutex_t *mutex; /* NULL: the provider needs none */
    executor_t *executor;      /* NULL: the provider waits for nobody */
    breaker_t *breaker;        /* before the executor */
    /* What is as long as this, in bytes, shared memory has no room for; 0: not
     * known. The provider would tell the log each time. */
    volatile apr_uint32_t too_long;
} cache;

/* -- the parent process ---------------------------------------------------- */

int socache_begin(apr_pool_t *pconf)
{
    memset(&cache, 0, sizeof(cache));
    cache_provider_begin();
    return ap_mutex_register(pconf, MUTEX_TYPE, NULL, APR_LOCK_DEFAULT, 0)
        == APR_SUCCESS;
}

static apr_status_t shut(void *server)
{
    if (cache.provider)
        cache.provider->destroy(cache.instance, server);
    cache.provider = NULL;
    return APR_SUCCESS;
}

static apr_status_t socache_start(apr_pool_t *pconf, server_rec *server)
{
    static struct ap_socache_hints hints = { .avg_id_len = SOCACHE_ID,
                                             .avg_obj_size = SOCACHE_ENTRY,
                                             .expiry_interval =
                                                 INTERVALS_CACHE_EXPIRY };
    apr_status_t status = APR_SUCCESS;

    if (cache.provider->flags & AP_SOCACHE_FLAG_NOTMPSAFE)
        status = ap_global_mutex_create(&cache.mutex, NULL, MUTEX_TYPE, NULL,
                                        server, pconf, 0);
    if (status == APR_SUCCESS)
        status = cache.provider->init(cache.instance, MUTEX_TYPE, &hints,
                                      server, pconf);
    return status;
}

void socache_open(apr_pool_t *pconf, server_rec *server)
{
    cache_provider_t chosen;
    apr_status_t status;

    if (!cache_provider_find(&chosen, pconf)) {
        if (!cache_provider_is_off())
            ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                         "OCSP0403: there is no cache of signed answers, as "
                         "mod_socache_shmcb is not loaded; every answer is "
                         "signed anew (a2enmod socache_shmcb, or set "
                         "OCSPResponderCache none)");
        return;
    }
    cache.name = chosen.name;
    cache.provider = chosen.provider;
    cache.instance = chosen.instance;
    status = socache_start(pconf, server);
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, server,
                     "OCSP0401: OCSPResponderCache: %s cannot be started; "
                     "every answer will be signed anew",
                     cache.name);
        cache.provider = NULL;
        return;
    }
    apr_pool_cleanup_register(pconf, server, shut, apr_pool_cleanup_null);
}

/* -- a child process ------------------------------------------------------- */

/* The provider's connections go next, under threads that still use them. Rather
 * than wait for a cache that hangs, the process ends here, with what logs hold
 * back written as before an exec. */
static apr_status_t close_executor(void *executor)
{
    if (!executor_close(executor, apr_time_now() + INTERVALS_CLOSING)) {
        apr_pool_cleanup_for_exec();
        _exit(0);
    }
    return APR_SUCCESS;
}

static apr_status_t open_mutex(apr_pool_t *pool)
{
    if (!cache.mutex)
        return APR_SUCCESS;
    return apr_global_mutex_child_init(
        &cache.mutex, apr_global_mutex_lockfile(cache.mutex), pool);
}

void socache_child_init(apr_pool_t *pool, server_rec *server)
{
    apr_status_t status;

    if (!cache.provider)
        return;
    status = open_mutex(pool);
    if (status == APR_SUCCESS && strcmp(cache.name, SHARED_MEMORY) != 0) {
        cache.executor = executor_create(AT_A_TIME);
        cache.breaker = breaker_create(pool, INTERVALS_CACHE_REST);
        if (cache.executor && cache.breaker)
            apr_pool_pre_cleanup_register(pool, cache.executor, close_executor);
        else
            status = APR_ENOMEM;
    }
    if (status != APR_SUCCESS) {
        log_server_fault(server, NULL, APLOG_WARNING, "OCSP0402", "",
                         "this process cannot use the cache of answers: %pm",
                         &status);
        cache.provider = NULL;
    }
}

/* -- one call -------------------------------------------------------------- */

/* The mutex is held for a copy's time, but by one who may have lost the
 * processor meanwhile. Whoever does not get it signs, which can take longer. */
static int socache_lock(void)
{
    apr_time_t deadline = 0;

    if (!cache.mutex)
        return 1;
    while (apr_global_mutex_trylock(cache.mutex) != APR_SUCCESS) {
        if (!deadline)
            deadline = apr_time_now() + INTERVALS_CACHE_MUTEX;
        else if (apr_time_now() > deadline)
            return 0;
        apr_thread_yield();
    }
    return 1;
}

static void socache_unlock(void)
{
    if (cache.mutex)
        apr_global_mutex_unlock(cache.mutex);
}

/* What the provider is asked to do. */
typedef struct {
    apr_pool_t *pool;
    server_rec *server;
    bytes_t id;
    apr_time_t expiry;
    unsigned char *entry;
    unsigned length; /* of the entry; to fetch one: of the room for it */
    apr_status_t status;
    int is_away;
} job_t;

/* Both are an executor's work. */
static void socache_retrieve(void *data)
{
    job_t *job = data;

    job->status = APR_EBUSY;
    if (!socache_lock())
        return;
    job->status = cache.provider->retrieve(cache.instance, job->server,
                                           job->id.data, (unsigned)job->id.len,
                                           job->entry, &job->length, job->pool);
    socache_unlock();
    job->is_away = job->status != APR_SUCCESS && job->status != APR_NOTFOUND
        && job->status != APR_ENOMEM; /* it has more bytes than there is room */
}

/* Whether it is away is for the next fetch to find out: it may only have
 * refused this entry. */
static void store(void *data)
{
    job_t *job = data;

    job->status = APR_EBUSY;
    if (!socache_lock())
        return;
    job->status =
        cache.provider->store(cache.instance, job->server, job->id.data,
                              (unsigned)job->id.len, job->expiry, job->entry,
                              job->length, job->pool);
    socache_unlock();
}

/* A job whose caller may go away while it is done has a pool of its own, and
 * copies of all it needs. */
static job_t *new_job(request_rec *r, bytes_t id, unsigned length)
{
    apr_pool_t *pool = cache.executor ? snapshot_pool() : r->pool;
    job_t *job = pool ? apr_pcalloc(pool, sizeof(*job)) : NULL;

    if (!job)
        return NULL;
    job->pool = pool;
    job->server = r->server;
    job->id = bytes_copy(pool, id.data, id.len);
    job->entry = apr_palloc(pool, length);
    job->length = length;
    return job;
}

static int run_guarded(executor_work_t work, job_t *job)
{
    breaker_pass_t pass = breaker_enter(cache.breaker, apr_time_now());

    if (!pass.may_enter) {
        apr_pool_destroy(job->pool);
        return 0;
    }
    switch (executor_run(cache.executor, work, job, job->pool,
                         apr_time_now() + INTERVALS_CACHE_WAIT)) {
    case EXECUTOR_REFUSED:
        breaker_withdraw(cache.breaker, pass, apr_time_now());
        return 0;
    case EXECUTOR_ABANDONED:
        breaker_fail(cache.breaker, pass, "it does not answer", apr_time_now());
        return 0;
    default:
        if (job->is_away)
            breaker_fail(cache.breaker, pass, "it is away", apr_time_now());
        else
            breaker_succeed(cache.breaker, pass);
        return 1;
    }
}

/* 1: it is done, and end_job() is to follow. 0: it is not the caller's any
 * more. */
static int socache_run(executor_work_t work, job_t *job)
{
    if (cache.executor)
        return run_guarded(work, job);
    work(job);
    return 1;
}

static void end_job(const job_t *job)
{
    if (cache.executor)
        apr_pool_destroy(job->pool);
}

int socache_fetch(request_rec *r, bytes_t id, unsigned most, bytes_t *entry,
                  const char **why)
{
    job_t *job = cache.provider ? new_job(r, id, most) : NULL;
    int found;

    *why = cache.provider ? "the cache does not answer" : "there is no cache";
    if (!job)
        return 0;
    if (!socache_run(socache_retrieve, job)) {
        counters_add(COUNTERS_CACHE, "refused");
        return 0;
    }
    found = job->status == APR_SUCCESS;
    if (job->status == APR_EBUSY)
        counters_add(COUNTERS_CACHE, "refused");
    else if (!found) {
        *why = "the cache has none for this CertID, status, signer and terms";
        counters_add(COUNTERS_CACHE, "miss");
    }
    else {
        entry->data = cache.executor
            ? apr_pmemdup(r->pool, job->entry, job->length)
            : job->entry;
        entry->len = job->length;
    }
    end_job(job);
    return found;
}

static int is_too_long(bytes_t entry)
{
    apr_uint32_t length = apr_atomic_read32(&cache.too_long);

    return length && entry.len >= length;
}

/* One that is a little shorter, as signatures vary, does not fit either. */
static void note_end(const job_t *job)
{
    if (!cache.executor && job->status == APR_ENOSPC)
        apr_atomic_set32(&cache.too_long, job->length - job->length / 64);
}

void socache_store(request_rec *r, bytes_t id, apr_time_t expiry, bytes_t entry)
{
    job_t *job = cache.provider && !is_too_long(entry)
        ? new_job(r, id, (unsigned)entry.len)
        : NULL;
    int kept = 0;

    if (!cache.provider)
        return;
    if (job) {
        memcpy(job->entry, entry.data, entry.len);
        job->expiry = expiry;
    }
    if (job && socache_run(store, job)) {
        note_end(job);
        kept = job->status == APR_SUCCESS;
        end_job(job);
    }
    counters_add(COUNTERS_CACHE, kept ? "stored" : "refused");
}

int socache_describe(request_rec *r)
{
    if (!cache.provider || cache.executor || !socache_lock())
        return 0;
    cache.provider->status(cache.instance, r, AP_STATUS_SHORT);
    socache_unlock();
    return 1;
}
