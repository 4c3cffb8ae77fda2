/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/responder.h"

#include "apr_strings.h"
#include "apr_thread_mutex.h"

#include "httpd/log.h"
#include "base/snapshot.h"

/* How long a failure is left alone, and files are not looked at again. */
#define RETRY apr_time_from_sec(1)

/* How long a cas of what django-ca may change stands; longer when it takes
 * long, so that it costs no more than a fifth of a thread's time. */
#define REFRESH       apr_time_from_sec(2)
#define REFRESH_TIMES 5
#define REFRESH_MOST  apr_time_from_sec(10)

/* A pair of two files is bad while only one of them is new. */
#define PATIENCE apr_time_from_sec(5)

/* How long the tables are taken for what they were. A new release of django-ca
 * may have brought columns that no query misses. */
#define RECOGNISE apr_time_from_sec(60)

/* A cas this old, after nobody has asked for a while, answers nobody. */
#define STALE apr_time_from_sec(10)

#define WHY_MAX 512 /* octets */

struct responder_t {
    const config_t *config;
    const credentials_t *pair; /* NULL: not loaded, why tells */
    const char *why;
    /* In a child process: */
    const unsigned char *token_secret;
    snapshot_t *cas;
    apr_thread_mutex_t *mutex; /* of who looks again; guards the rest */
    snapshot_t *renewed;       /* with the credentials_t in place of pair */
    ca_set_cache_t *memory;
    apr_time_t due;            /* when to look again … */
    apr_time_t due_early;      /* … for a CA that is not known */
    apr_time_t due_recognise;  /* … at which columns there are */
    int pair_is_new;           /* no cas has been taken with it, or a
                                * CA could not use it yet */
    apr_time_t pair_bad_since; /* what is to take its place; 0: it isn't */
    query_result_t failure;    /* OK with failure_why "": none */
    char failure_why[WHY_MAX];
};

responder_t *responder_create(apr_pool_t *pool, const config_t *config,
                              const credentials_t *pair, const char *why)
{
    responder_t *responder = apr_pcalloc(pool, sizeof(*responder));

    responder->config = config;
    responder->pair = pair;
    responder->why = why;
    return responder;
}

void responder_child_init(responder_t *responder, apr_pool_t *pool,
                          const unsigned char *token_secret)
{
    responder->token_secret = token_secret;
    responder->cas = snapshot_create(pool);
    responder->renewed = snapshot_create(pool);
    responder->memory = ca_set_cache(pool);
    apr_thread_mutex_create(&responder->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
}

/* -- the pair, as it is now; all with the mutex held ----------------------- */

static int wants_renewal(const credentials_t *pair, apr_pool_t *scratch)
{
    return !pair || credentials_has_changed(pair, scratch);
}

/* What could not be loaded by the parent may be there by now. */
static const credentials_t *make_pair(responder_t *responder,
                                      const credentials_t *old,
                                      apr_pool_t *pool, const char **why)
{
    const config_place_t *at;

    return old ? credentials_renew(pool, responder->config, old, why)
               : credentials_load(pool, responder->config, &at, why);
}

static void tell_outdated(request_rec *r, responder_t *responder,
                          const credentials_t *old, const char *why)
{
    if (!responder->pair_bad_since)
        responder->pair_bad_since = r->request_time;
    if (old && old->key
        && r->request_time - responder->pair_bad_since >= PATIENCE)
        log_fault(r, APLOG_ERR, "OCSP0503", responder->config->ca,
                  "%s: the pair in use stays, as a new one cannot be used: %s",
                  responder->config->ca, why);
}

static void renew_pair(responder_t *responder, request_rec *r)
{
    const credentials_t *old = snapshot_read(responder->renewed, r->pool),
                        *made;
    const char *why = "out of memory";
    apr_pool_t *pool;

    old = old ? old : responder->pair;
    if (!wants_renewal(old, r->pool)) {
        responder->pair_bad_since = 0;
        return;
    }
    pool = snapshot_pool();
    made = pool ? make_pair(responder, old, pool, &why) : NULL;
    if (made) {
        snapshot_replace(responder->renewed, made, pool);
        responder->pair_is_new = 1;
        responder->pair_bad_since = 0;
        return;
    }
    tell_outdated(r, responder, old, why);
    if (pool)
        apr_pool_destroy(pool);
}

/* -- the cas; all with the mutex held -------------------------------------- */

static query_result_t ask(void *context, apr_pool_t *pool,
                          schema_cache_sql_t make_sql, const void *data,
                          int columns, db_rows_t *rows, const char **why)
{
    request_rec *r = context;
    const schema_t *schema;

    return schema_cache_select(r->server, pool, make_sql, data, columns,
                               query_deadline(r), &schema, rows, why);
}

/* Whether django-ca may change what there is to know. */
static int is_moving(const config_t *config)
{
    return config_ca_is_all(config) || config_key_is_auto(config)
        || config_cert_is_auto(config);
}

static void tell_all(request_rec *r, const apr_array_header_t *list,
                     const char *id)
{
    int i;

    for (i = 0; i < list->nelts; i++) {
        const char *text = APR_ARRAY_IDX(list, i, const char *);

        log_fault(r, APLOG_ERR, id, text, "%s", text);
    }
}

/* A third of its life at most, as django-ca renews what lives for three days
 * when one is left. Who renews by hand knows when. */
#define WARNING_AHEAD apr_time_from_sec(14 * 24 * 3600)

static void tell_ending(request_rec *r, const authority_t *authority,
                        apr_time_t now)
{
    const signer_t *signer = authority->signer;
    char date[APR_RFC822_DATE_LEN];
    apr_interval_time_t ahead;

    if (!signer)
        return;
    ahead = (signer->not_after - signer->not_before) / 10 * 3;
    if (ahead > WARNING_AHEAD)
        ahead = WARNING_AHEAD;
    if (now > signer->not_after || signer->not_after - now > ahead)
        return;
    apr_rfc822_date(date, signer->not_after);
    log_fault(r, APLOG_WARNING, "OCSP0504", signer->serial,
              "CA %s: the responder certificate %s ends on %s, and there is no "
              "successor",
              authority->issuer->serial, signer->serial, date);
}

static void tell_faults(request_rec *r, const config_t *config,
                        const ca_set_t *cas)
{
    int i;

    tell_all(r, cas->unreadable, "OCSP0501");
    tell_all(r, cas->outdated, "OCSP0502");
    for (i = 0; config_cert_is_auto(config) && i < cas->authorities->nelts; i++)
        tell_ending(r, APR_ARRAY_IDX(cas->authorities, i, const authority_t *),
                    cas->taken_at);
}

static void fail(responder_t *responder, query_result_t failure,
                 const char *why)
{
    responder->failure = failure;
    apr_cpystrn(responder->failure_why, why, sizeof(responder->failure_why));
}

/* What a new cas is taken with. The pair is held by pool. */
static ca_set_source_t source_of(responder_t *responder, request_rec *r,
                                 apr_pool_t *pool)
{
    ca_set_source_t source = { .database = { ask, r },
                               .config = responder->config,
                               .pair = snapshot_read(responder->renewed, pool),
                               .pair_place = responder->renewed,
                               .token_secret = responder->token_secret,
                               .memory = responder->memory,
                               .now = apr_time_now() };

    if (!source.pair)
        source.pair = responder->pair;
    return source;
}

static void load_ca_set(responder_t *responder, request_rec *r)
{
    apr_pool_t *pool = snapshot_pool();
    query_result_t result = QUERY_REFUSED;
    const char *why = "out of memory";
    const ca_set_t *cas = NULL;
    const config_place_t *at;

    if (pool) {
        ca_set_source_t source = source_of(responder, r, pool);

        if (source.pair)
            cas = ca_set_load(pool, &source, &result, &at, &why);
        else
            why = responder->why;
    }
    if (cas) {
        tell_faults(r, responder->config, cas);
        snapshot_replace(responder->cas, cas, pool);
        responder->pair_is_new = cas->waits;
        return;
    }
    fail(responder, result, why);
    if (pool)
        apr_pool_destroy(pool);
}

/* -- looking again --------------------------------------------------------- */

/* How long to rest after what took so long. */
static apr_interval_time_t rest_after(apr_interval_time_t took,
                                      apr_interval_time_t least)
{
    apr_interval_time_t rest = took * REFRESH_TIMES;

    if (rest < least)
        return least;
    return rest < REFRESH_MOST ? rest : REFRESH_MOST;
}

static void forget_tables(responder_t *responder, request_rec *r,
                          apr_time_t now)
{
    if (now < responder->due_recognise)
        return;
    if (responder->due_recognise
        && (is_moving(responder->config)
            || config_presigned(responder->config)))
        schema_cache_forget(r->server);
    responder->due_recognise = now + RECOGNISE;
}

static void refresh(responder_t *responder, request_rec *r, const ca_set_t *cas)
{
    int moving = is_moving(responder->config);
    apr_time_t began = apr_time_now(), ended;

    fail(responder, QUERY_OK, "");
    forget_tables(responder, r, began);
    renew_pair(responder, r);
    if (!cas || moving || responder->pair_is_new)
        load_ca_set(responder, r);
    ended = apr_time_now();
    responder->due = responder->due_early = ended + RETRY;
    if (*responder->failure_why || !moving)
        return;
    /* The first makes everything, the next ones what is new. */
    if (!cas)
        began = ended;
    responder->due = ended + rest_after(ended - began, REFRESH);
    responder->due_early = ended + rest_after(ended - began, RETRY);
}

/* A clock that was set back puts nothing off. */
static int is_due(apr_time_t due)
{
    apr_time_t now = apr_time_now();

    return now >= due || due - now > REFRESH_MOST;
}

/* With the mutex held. Looks again when it is time to. */
static const ca_set_t *look_again(responder_t *responder, request_rec *r,
                                  int early, query_result_t *result,
                                  const char **why)
{
    const ca_set_t *cas = snapshot_read(responder->cas, r->pool);

    if (is_due(early ? responder->due_early : responder->due)) {
        refresh(responder, r, cas);
        cas = snapshot_read(responder->cas, r->pool);
        /* This request has waited for the database long enough. */
        if (responder->failure == QUERY_UNAVAILABLE)
            cas = NULL;
        if (cas && *responder->failure_why)
            log_fault(r, APLOG_ERR, "OCSP0505", responder->config->ca,
                      "%s: what was known before stays in use: %s",
                      responder->config->ca, responder->failure_why);
    }
    *result = responder->failure;
    if (!cas)
        *why = apr_pstrdup(r->pool, responder->failure_why);
    return cas;
}

const ca_set_t *responder_cas(responder_t *responder, request_rec *r, int early,
                              query_result_t *result, const char **why)
{
    const ca_set_t *cas = snapshot_read(responder->cas, r->pool);

    if (!cas || early
        || (is_moving(responder->config)
            && r->request_time - cas->taken_at > STALE))
        apr_thread_mutex_lock(responder->mutex);
    else if (apr_thread_mutex_trylock(responder->mutex) != APR_SUCCESS)
        return cas;
    cas = look_again(responder, r, early, result, why);
    apr_thread_mutex_unlock(responder->mutex);
    return cas;
}

const config_t *responder_config(const responder_t *responder)
{
    return responder->config;
}
