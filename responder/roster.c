/* SPDX-License-Identifier: Apache-2.0 */
#include "roster.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include "apr_thread_mutex.h"

#include "shared.h"
#include "tables.h"

/* How long a failed enrolment is left alone. */
#define RETRY apr_time_from_sec(1)

/* What makes two sections the same responder. Merging copies pointers, so the
 * pointers tell; it must hold no padding. */
typedef struct {
    server_rec *server;
    const char *ca, *key, *key_passphrase, *cert, *digest;
} identity_t;

/* One distinct responder. */
typedef struct {
    identity_t identity;
    const config_t *config;
    const pair_t *pair;             /* NULL: not loaded, why tells */
    const char *why;
    /* In a child process: */
    shared_t *authority;            /* with an enrol_authority_t */
    apr_thread_mutex_t *mutex;      /* of who enrols; guards the rest */
    apr_time_t retry_at;
    roster_result_t failure;
    char failure_why[512];
} member_t;

static struct {
    apr_pool_t *pool;
    apr_hash_t *members;            /* member_t *, by identity_t */
} roster;

static identity_t identify(server_rec *server, const config_t *config)
{
    identity_t identity = {
        .server = server,
        .ca = config->ca,
        .key = config->key,
        .key_passphrase = config->key_passphrase,
        .cert = config->cert,
        .digest = config->digest
    };

    return identity;
}

void roster_begin(apr_pool_t *pool)
{
    roster.pool = pool;
    roster.members = apr_hash_make(pool);
}

void roster_add(server_rec *server, const config_t *config, const pair_t *pair,
                const char *why)
{
    member_t *member = apr_pcalloc(roster.pool, sizeof(*member));

    member->identity = identify(server, config);
    member->config = config;
    member->pair = pair;
    member->why = why;
    apr_hash_set(roster.members, &member->identity, sizeof(identity_t),
                 member);
}

void roster_child_init(apr_pool_t *pool)
{
    apr_hash_index_t *each;

    for (each = apr_hash_first(pool, roster.members); each;
         each = apr_hash_next(each)) {
        member_t *member;

        apr_hash_this(each, NULL, NULL, (void **)&member);
        member->authority = shared_create(pool);
        apr_thread_mutex_create(&member->mutex, APR_THREAD_MUTEX_DEFAULT,
                                pool);
    }
}

/* -- enrolment in a child process ------------------------------------------ */

typedef struct {
    server_rec *server;
    apr_time_t deadline;
} patience_t;

static dbd_result_t ask(void *context, apr_pool_t *pool, const char *sql,
                        int columns, schema_rows_t *rows, const char **why)
{
    const patience_t *patience = context;

    return dbd_select(patience->server, pool, sql, columns, patience->deadline,
                      rows, why);
}

static const enrol_authority_t *enrol_once(member_t *member, apr_pool_t *pool,
                                           dbd_result_t *result,
                                           const char **why)
{
    server_rec *server = member->identity.server;
    patience_t patience = { server, apr_time_now() + DBD_LIMIT };
    enrol_database_t database = { ask, &patience };
    const config_place_t *at;
    const schema_t *schema = tables_schema(server, pool, patience.deadline,
                                           result, why);

    if (!schema)
        return NULL;
    *result = DBD_OK;
    return enrol(pool, &database, schema, member->config, member->pair, result,
                 &at, why);
}

static void fail(member_t *member, roster_result_t failure, const char *why)
{
    member->failure = failure;
    apr_cpystrn(member->failure_why, why, sizeof(member->failure_why));
    member->retry_at = apr_time_now() + RETRY;
}

/* Fills member->authority, or says why not. Called with the mutex held. */
static void enrol_member(member_t *member)
{
    apr_pool_t *pool = shared_value_pool();
    const enrol_authority_t *authority = NULL;
    dbd_result_t result = DBD_REFUSED;
    const char *why = "out of memory";
    int tries;

    /* A query refused may mean a schema that has changed: once more. */
    for (tries = 0; pool && !authority && result == DBD_REFUSED && tries < 2;
         tries++) {
        authority = enrol_once(member, pool, &result, &why);
        if (!authority && result == DBD_REFUSED)
            tables_forget(member->identity.server);
    }
    if (authority) {
        shared_replace(member->authority, authority, pool);
        return;
    }
    fail(member, result == DBD_UNAVAILABLE ? ROSTER_UNAVAILABLE
         : ROSTER_BROKEN, why);
    if (pool)
        apr_pool_destroy(pool);
}

static const enrol_authority_t *read_authority(member_t *member,
                                               request_rec *r,
                                               roster_result_t *failure,
                                               const char **why)
{
    const enrol_authority_t *authority =
        shared_read(member->authority, r->pool);

    if (authority)
        return authority;
    apr_thread_mutex_lock(member->mutex);
    authority = shared_read(member->authority, r->pool);
    if (!authority && apr_time_now() >= member->retry_at) {
        enrol_member(member);
        authority = shared_read(member->authority, r->pool);
    }
    if (!authority) {
        *failure = member->failure;
        *why = apr_pstrdup(r->pool, member->failure_why);
    }
    apr_thread_mutex_unlock(member->mutex);
    return authority;
}

/* -------------------------------------------------------------------------- */

static roster_result_t match(const enrol_authority_t *authority,
                             const request_t *request, const char **why)
{
    int i;

    for (i = 0; i < request->certid_count; i++) {
        switch (authority_match(authority->issuer, request->certids[i].id)) {
        case AUTHORITY_MATCH:
            break;
        case AUTHORITY_UNSUPPORTED:
            *why = "a CertID with a hash algorithm that is not supported";
            return ROSTER_OTHER;
        default:
            *why = "a CertID of another CA";
            return ROSTER_OTHER;
        }
    }
    return ROSTER_FOUND;
}

roster_result_t roster_find(request_rec *r, const config_t *config,
                            const request_t *request,
                            const enrol_authority_t **authority,
                            const char **why)
{
    identity_t identity = identify(r->server, config);
    member_t *member = apr_hash_get(roster.members, &identity,
                                    sizeof(identity));
    roster_result_t failure = ROSTER_BROKEN;

    if (!member) {
        *why = "these settings come together only in this request; put "
            "OCSPResponderCA, Key and Cert into one section";
        return ROSTER_BROKEN;
    }
    if (!member->pair) {
        *why = member->why;
        return ROSTER_BROKEN;
    }
    *authority = read_authority(member, r, &failure, why);
    return *authority ? match(*authority, request, why) : failure;
}
