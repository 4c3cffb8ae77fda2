/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/member.h"

#include "apr_atomic.h"
#include "apr_strings.h"
#include "apr_thread_mutex.h"

#include "httpd/log.h"
#include "base/shared.h"

/* How long a failure is left alone, and files are not looked at again. */
#define RETRY apr_time_from_sec(1)

/* How long a cas of what django-ca may change stands; longer when it takes
 * long, so that it costs no more than a fifth of a thread's time. */
#define REFRESH apr_time_from_sec(2)
#define REFRESH_TIMES 5
#define REFRESH_MOST apr_time_from_sec(10)

/* A pair of two files is bad while only one of them is new. */
#define PATIENCE apr_time_from_sec(5)

/* How long the tables are taken for what they were. A new release of django-ca
 * may have brought columns that no query misses. */
#define RECOGNISE apr_time_from_sec(60)

/* A cas this old, after nobody has asked for a while, answers nobody. */
#define STALE apr_time_from_sec(10)

#define WHY_MAX 512 /* octets */

struct member_t {
    const config_t *config;
    const credentials_t *pair;             /* NULL: not loaded, why tells */
    const char *why;
    /* In a child process: */
    const unsigned char *token_secret;
    shared_t *cas;
    volatile apr_uint32_t doubted;  /* a signature has failed */
    apr_thread_mutex_t *mutex;      /* of who looks again; guards the rest */
    shared_t *renewed;              /* with the credentials_t in place of pair */
    ca_set_cache_t *memory;
    apr_time_t due;                 /* when to look again … */
    apr_time_t due_early;           /* … for a CA that is not known */
    apr_time_t due_recognise;       /* … at which columns there are */
    int pair_is_new;                /* no cas has been taken with it, or a
                                     * CA could not use it yet */
    int refused;                    /* the token knows another PIN */
    apr_time_t pair_bad_since;      /* what is to take its place; 0: it isn't */
    dbd_result_t failure;           /* OK with failure_why "": none */
    char failure_why[WHY_MAX];
    char token_why[WHY_MAX];        /* "": it is open */
};

member_t *member_create(apr_pool_t *pool, const config_t *config,
                        const credentials_t *pair, const char *why)
{
    member_t *member = apr_pcalloc(pool, sizeof(*member));

    member->config = config;
    member->pair = pair;
    member->why = why;
    return member;
}

void member_child_init(member_t *member, apr_pool_t *pool,
                       const unsigned char *token_secret)
{
    member->token_secret = token_secret;
    member->cas = shared_create(pool);
    member->renewed = shared_create(pool);
    member->memory = ca_set_cache(pool);
    apr_thread_mutex_create(&member->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
}

void member_doubt(member_t *member)
{
    apr_atomic_set32(&member->doubted, 1);
}

/* -- the pair, as it is now; all with the mutex held ----------------------- */

static int wants_renewal(member_t *member, const credentials_t *pair,
                         apr_pool_t *scratch)
{
    if (!pair || credentials_has_changed(pair, scratch))
        return 1;
    return !member->refused && credentials_has_token(member->config)
        && (!pair->key || apr_atomic_read32(&member->doubted));
}

/* What could not be loaded by the parent may be there by now. */
static const credentials_t *make_pair(member_t *member, const credentials_t *old,
                               apr_pool_t *pool, const char **why)
{
    const config_place_t *at;

    return old ? credentials_renew(pool, member->config, old, &member->refused, why)
               : credentials_load(pool, member->config, &at, why);
}

static void tell_outdated(request_rec *r, member_t *member, const credentials_t *old,
                          const char *why)
{
    if (!member->pair_bad_since)
        member->pair_bad_since = r->request_time;
    if (old && old->key
        && r->request_time - member->pair_bad_since >= PATIENCE)
        log_fault(r, APLOG_ERR, "OCSP0503", member->config->ca,
                  "%s: the pair in use stays, as a new one cannot be used: %s",
                  member->config->ca, why);
}

static void renew_pair(member_t *member, request_rec *r)
{
    const credentials_t *old = shared_read(member->renewed, r->pool), *made;
    const char *why = "out of memory";
    apr_pool_t *pool;

    old = old ? old : member->pair;
    if (!wants_renewal(member, old, r->pool)) {
        member->pair_bad_since = 0;
        return;
    }
    pool = shared_value_pool();
    made = pool ? make_pair(member, old, pool, &why) : NULL;
    if (made) {
        shared_replace(member->renewed, made, pool);
        member->pair_is_new = 1;
        member->pair_bad_since = 0;
        apr_atomic_set32(&member->doubted, 0);
        *member->token_why = '\0';
        return;
    }
    apr_cpystrn(member->token_why, why, sizeof(member->token_why));
    tell_outdated(r, member, old, why);
    if (pool)
        apr_pool_destroy(pool);
}

/* -- the cas; all with the mutex held ----------------------------------- */

static dbd_result_t ask(void *context, apr_pool_t *pool, tables_sql_t make_sql,
                        const void *data, int columns, schema_rows_t *rows,
                        const char **why)
{
    request_rec *r = context;
    const schema_t *schema;

    return tables_select(r->server, pool, make_sql, data, columns,
                         dbd_deadline(r), &schema, rows, why);
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
              "successor", authority->issuer->serial, signer->serial, date);
}

static void tell_faults(request_rec *r, const config_t *config,
                        const ca_set_t *cas)
{
    int i;

    tell_all(r, cas->unreadable, "OCSP0501");
    tell_all(r, cas->outdated, "OCSP0502");
    for (i = 0; config_cert_is_auto(config) && i < cas->authorities->nelts;
         i++)
        tell_ending(r, APR_ARRAY_IDX(cas->authorities, i,
                                     const authority_t *),
                    cas->taken_at);
}

static void fail(member_t *member, dbd_result_t failure, const char *why)
{
    member->failure = failure;
    apr_cpystrn(member->failure_why, why, sizeof(member->failure_why));
}

/* What a new cas is taken with. The pair is held by pool. */
static ca_set_source_t source_of(member_t *member, request_rec *r,
                                 apr_pool_t *pool)
{
    ca_set_source_t source = {
        .database = { ask, r },
        .config = member->config,
        .pair = shared_read(member->renewed, pool),
        .pair_place = member->renewed,
        .token_why = member->token_why,
        .token_secret = member->token_secret,
        .memory = member->memory,
        .now = apr_time_now()
    };

    if (!source.pair)
        source.pair = member->pair;
    return source;
}

static void load_ca_set(member_t *member, request_rec *r)
{
    apr_pool_t *pool = shared_value_pool();
    dbd_result_t result = DBD_REFUSED;
    const char *why = "out of memory";
    const ca_set_t *cas = NULL;
    const config_place_t *at;

    if (pool) {
        ca_set_source_t source = source_of(member, r, pool);

        if (source.pair)
            cas = ca_set_load(pool, &source, &result, &at, &why);
        else
            why = *member->token_why ? member->token_why : member->why;
    }
    if (cas) {
        tell_faults(r, member->config, cas);
        shared_replace(member->cas, cas, pool);
        member->pair_is_new = cas->waits;
        return;
    }
    fail(member, result, why);
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

static void forget_tables(member_t *member, request_rec *r, apr_time_t now)
{
    if (now < member->due_recognise)
        return;
    if (member->due_recognise
        && (is_moving(member->config) || config_presigned(member->config)))
        tables_forget(r->server);
    member->due_recognise = now + RECOGNISE;
}

static void refresh(member_t *member, request_rec *r, const ca_set_t *cas)
{
    int moving = is_moving(member->config);
    apr_time_t began = apr_time_now(), ended;

    fail(member, DBD_OK, "");
    forget_tables(member, r, began);
    renew_pair(member, r);
    if (!cas || moving || member->pair_is_new)
        load_ca_set(member, r);
    ended = apr_time_now();
    member->due = member->due_early = ended + RETRY;
    if (*member->failure_why || !moving)
        return;
    /* The first makes everything, the next ones what is new. */
    if (!cas)
        began = ended;
    member->due = ended + rest_after(ended - began, REFRESH);
    member->due_early = ended + rest_after(ended - began, RETRY);
}

/* A clock that was set back puts nothing off. */
static int is_due(apr_time_t due)
{
    apr_time_t now = apr_time_now();

    return now >= due || due - now > REFRESH_MOST;
}

/* With the mutex held. Looks again when it is time to. */
static const ca_set_t *look_again(member_t *member, request_rec *r, int early,
                                  dbd_result_t *result, const char **why)
{
    const ca_set_t *cas = shared_read(member->cas, r->pool);

    if (is_due(early ? member->due_early : member->due)) {
        refresh(member, r, cas);
        cas = shared_read(member->cas, r->pool);
        /* This request has waited for the database long enough. */
        if (member->failure == DBD_UNAVAILABLE)
            cas = NULL;
        if (cas && *member->failure_why)
            log_fault(r, APLOG_ERR, "OCSP0505", member->config->ca,
                      "%s: what was known before stays in use: %s",
                      member->config->ca, member->failure_why);
    }
    *result = member->failure;
    if (!cas)
        *why = apr_pstrdup(r->pool, member->failure_why);
    return cas;
}

const ca_set_t *member_census(member_t *member, request_rec *r, int early,
                              dbd_result_t *result, const char **why)
{
    const ca_set_t *cas = shared_read(member->cas, r->pool);

    if (!cas || early || (is_moving(member->config)
                             && r->request_time - cas->taken_at > STALE))
        apr_thread_mutex_lock(member->mutex);
    else if (apr_thread_mutex_trylock(member->mutex) != APR_SUCCESS)
        return cas;
    cas = look_again(member, r, early, result, why);
    apr_thread_mutex_unlock(member->mutex);
    return cas;
}
