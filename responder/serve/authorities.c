/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/authorities.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include "apr_thread_mutex.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "httpd/log.h"
#include "serve/failure.h"

struct authorities_t {
    authorities_parts_t parts;
    apr_pool_t *pool;          /* of the places */
    apr_thread_mutex_t *mutex; /* guards pool and what follows */
    apr_hash_t *places;        /* place_t *, by a CA's id */
};

/* Where the authority of a CA is. */
typedef struct {
    authorities_t *owner;
    const char *id;
    snapshot_t *authority; /* an authority_t */
    task_t *making;
    failure_t *failure;   /* of making it */
    apr_time_t bad_since; /* only of making: what is to take its place; 0: it
                           * is not */
} place_t;

authorities_t *authorities_create(apr_pool_t *pool,
                                  const authorities_parts_t *parts)
{
    authorities_t *authorities = apr_pcalloc(pool, sizeof(*authorities));

    authorities->parts = *parts;
    /* Its own, as other threads may use the one above at the same time. */
    apr_pool_create(&authorities->pool, pool);
    authorities->places = apr_hash_make(authorities->pool);
    apr_thread_mutex_create(&authorities->mutex, APR_THREAD_MUTEX_DEFAULT,
                            pool);
    return authorities;
}

/* -- making one; by one thread at a time for each CA ----------------------- */

/* What they are made of now; the pair is held by pool. */
static authority_means_t means_of(const authorities_t *authorities,
                                  apr_pool_t *pool)
{
    const authorities_parts_t *parts = &authorities->parts;
    const char *why;

    return (authority_means_t){ .config = parts->config,
                                .source = parts->source,
                                .pair = credentials_holder_in_use(parts->pair,
                                                                  pool, &why) };
}

/* A new pair that is not whole yet, or not one at all, does not take the place
 * of one that still signs; but where the source has none any more there is
 * none. */
static int is_worse(const authority_t *made, const authority_t *old,
                    apr_time_t now)
{
    return old && old->issuer && made->issuer && authority_may_sign(old, now)
        && !authority_may_sign(made, now) && made->fault != AUTHORITY_NO_PAIR
        && strcmp(made->issuer->serial, old->issuer->serial) == 0;
}

static void note_outdated(place_t *place, const authority_t *made,
                          apr_time_t now)
{
    server_rec *server = place->owner->parts.server;
    const char *serial = made->issuer->serial;

    if (!place->bad_since)
        place->bad_since = now;
    if (!deadline_is_recent(place->bad_since, INTERVALS_HALF_RENEWED, now))
        log_server_fault(server, place->owner->parts.config, APLOG_ERR,
                         "OCSP0502", serial, "CA %s: %s", serial,
                         made->signer ? "the new responder certificate is not "
                                        "valid at this time"
                                      : made->why);
}

/* Puts what was made in own in its place, unless what is there is better. */
static void place_authority(place_t *place, const authority_t *made,
                            const authority_t *old, apr_pool_t *own)
{
    apr_time_t now = apr_time_now();

    if (is_worse(made, old, now)) {
        note_outdated(place, made, now);
        apr_pool_destroy(own);
        return;
    }
    place->bad_since = 0;
    snapshot_replace(place->authority, made, own);
}

/* With a pair that was in use before; NULL: with the one in use. */
static void make_authority(place_t *place, const ca_entry_t *entry,
                           const ocsp_responder_call_t *call,
                           const credentials_t *before)
{
    const authority_t *old = snapshot_read(place->authority, call->pool), *made;
    apr_pool_t *own = snapshot_pool();
    ocsp_responder_lookup_t result;
    authority_means_t means;
    const char *why = NULL;

    if (!own)
        return;
    /* It may live on when its pair is in use nowhere else. */
    means = means_of(place->owner, own);
    if (before)
        means.pair = before;
    if (!means.pair
        || (old && old->signer
            && authority_is_current(old, &means, entry, call->pool))) {
        place->bad_since = 0;
        apr_pool_destroy(own);
        return;
    }
    result = authority_create(&made, own, &means, entry, call, &why);
    failure_set(place->failure, result, why);
    if (result == OCSP_RESPONDER_LOOKUP_DONE
        && (!before || authority_may_sign(made, apr_time_now())))
        place_authority(place, made, old, own);
    else
        apr_pool_destroy(own);
}

static void authorities_make(void *data)
{
    place_t *place = data;
    const authorities_parts_t *parts = &place->owner->parts;
    ocsp_responder_call_t call = { .server = parts->server,
                                   .pool = snapshot_pool(),
                                   .deadline =
                                       apr_time_now() + INTERVALS_RENEWAL };
    const credentials_t *before;
    const ca_entry_t *entry;
    const ca_set_t *set;

    if (!call.pool)
        return;
    set = snapshot_read(parts->cas, call.pool);
    entry = set ? ca_set_by_id(set, place->id) : NULL;
    before = credentials_holder_before(parts->pair, call.pool);
    /* A new process begins with what the older ones have, too, as the new pair
     * may be worse. */
    if (entry && before && !snapshot_read(place->authority, call.pool))
        make_authority(place, entry, &call, before);
    if (entry)
        make_authority(place, entry, &call, NULL);
    apr_pool_destroy(call.pool);
}

/* -- asking for one -------------------------------------------------------- */

static place_t *new_place(authorities_t *authorities, const char *id)
{
    apr_pool_t *pool = authorities->pool;
    place_t *place = apr_pcalloc(pool, sizeof(*place));

    place->owner = authorities;
    place->id = apr_pstrdup(pool, id);
    place->authority = snapshot_create(pool);
    place->failure = failure_create(pool);
    place->making =
        task_create(pool, authorities->parts.threads, authorities_make, place);
    apr_hash_set(authorities->places, place->id, APR_HASH_KEY_STRING, place);
    return place;
}

static place_t *authorities_place_of(authorities_t *authorities, const char *id)
{
    place_t *place;

    apr_thread_mutex_lock(authorities->mutex);
    place = apr_hash_get(authorities->places, id, APR_HASH_KEY_STRING);
    if (!place)
        place = new_place(authorities, id);
    apr_thread_mutex_unlock(authorities->mutex);
    return place;
}

/* The one that is there, if it is of that very CA and not of one before it with
 * the same id. */
static const authority_t *read_place(const place_t *place, apr_pool_t *pool,
                                     const ca_entry_t *entry)
{
    const authority_t *authority = snapshot_read(place->authority, pool);

    return authority
            && bytes_equal(authority->ca.certificate, entry->ca.certificate)
        ? authority
        : NULL;
}

const authority_t *authorities_get(
    authorities_t *authorities, const ocsp_responder_call_t *call,
    const ca_entry_t *entry, ocsp_responder_lookup_t *result, const char **why)
{
    place_t *place = authorities_place_of(authorities, entry->ca.id);
    const authority_t *authority = read_place(place, call->pool, entry);
    const char *why_not;

    if (authority)
        return authority;
    *result = OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    if (!task_wait(place->making, call->deadline, &why_not)) {
        *why = apr_pstrcat(call->pool, "what signs for it cannot be read ",
                           why_not, NULL);
        return NULL;
    }
    authority = read_place(place, call->pool, entry);
    if (!authority
        && failure_get(place->failure, call->pool, why)
            == OCSP_RESPONDER_LOOKUP_DONE)
        *why = "it is being replaced";
    return authority;
}

/* NULL: it has not been asked for. */
static place_t *find_place(authorities_t *authorities, const ca_entry_t *entry)
{
    place_t *place;

    apr_thread_mutex_lock(authorities->mutex);
    place =
        apr_hash_get(authorities->places, entry->ca.id, APR_HASH_KEY_STRING);
    apr_thread_mutex_unlock(authorities->mutex);
    return place;
}

const authority_t *authorities_known(authorities_t *authorities,
                                     apr_pool_t *pool, const ca_entry_t *entry)
{
    const place_t *place = find_place(authorities, entry);

    return place ? snapshot_read(place->authority, pool) : NULL;
}

/* -- renewing them --------------------------------------------------------- */

/* What failed for want of memory leaves no other trace than that nobody signs:
 * it is tried again now and then. */
static int may_work_now(const authority_t *authority)
{
    return !authority->signer
        && !deadline_is_recent(authority->made_at, INTERVALS_NO_SIGNER,
                               apr_time_now());
}

static void renew_place(place_t *place, const ca_entry_t *entry,
                        const authority_means_t *means, apr_pool_t *scratch)
{
    const authority_t *old = snapshot_read(place->authority, scratch);

    if (old
        && (!authority_is_current(old, means, entry, scratch)
            || may_work_now(old)))
        task_start(place->making);
}

void authorities_renew(authorities_t *authorities, apr_pool_t *scratch)
{
    const ca_set_t *set = snapshot_read(authorities->parts.cas, scratch);
    authority_means_t means = means_of(authorities, scratch);
    int i;

    for (i = 0; set && means.pair && i < set->count; i++) {
        place_t *place = find_place(authorities, &set->entries[i]);

        if (place)
            renew_place(place, &set->entries[i], &means, scratch);
    }
}

/* The places of the CAs that have been asked for. */
static apr_array_header_t *list_places(authorities_t *authorities,
                                       apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 8, sizeof(place_t *));
    apr_hash_index_t *each;

    apr_thread_mutex_lock(authorities->mutex);
    for (each = apr_hash_first(pool, authorities->places); each;
         each = apr_hash_next(each))
        APR_ARRAY_PUSH(list, place_t *) = apr_hash_this_val(each);
    apr_thread_mutex_unlock(authorities->mutex);
    return list;
}

void authorities_join(authorities_t *authorities, apr_pool_t *scratch,
                      apr_time_t deadline)
{
    const apr_array_header_t *places = list_places(authorities, scratch);
    int i;

    for (i = 0; i < places->nelts; i++)
        task_join(APR_ARRAY_IDX(places, i, place_t *)->making, deadline);
}
