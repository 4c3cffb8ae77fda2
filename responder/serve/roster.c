/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/roster.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include <openssl/rand.h>

#include "serve/member.h"

/* What makes two sections the same responder. Merging copies pointers, so the
 * pointers tell; it must hold no padding. */
typedef struct {
    server_rec *server;
    const char *ca, *key, *key_passphrase, *cert, *digest, *storage;
} identity_t;

static struct {
    apr_pool_t *pool;
    apr_hash_t *members;            /* member_t *, by identity_t */
    unsigned char token_secret[AUTHORITY_DIGEST];
} roster;

static identity_t identify(server_rec *server, const config_t *config)
{
    identity_t identity = {
        .server = server,
        .ca = config->ca,
        .key = config->key,
        .key_passphrase = config->key_passphrase,
        .cert = config->cert,
        .digest = config->digest,
        .storage = config->storage
    };

    return identity;
}

static member_t *find_member(request_rec *r, const config_t *config)
{
    identity_t identity = identify(r->server, config);

    return apr_hash_get(roster.members, &identity, sizeof(identity));
}

void roster_begin(apr_pool_t *pool)
{
    roster.pool = pool;
    roster.members = apr_hash_make(pool);
    RAND_bytes(roster.token_secret, sizeof(roster.token_secret));
}

void roster_add(server_rec *server, const config_t *config, const credentials_t *pair,
                const char *why)
{
    identity_t identity = identify(server, config);

    apr_hash_set(roster.members,
                 apr_pmemdup(roster.pool, &identity, sizeof(identity)),
                 sizeof(identity),
                 member_create(roster.pool, config, pair, why));
}

void roster_child_init(apr_pool_t *pool)
{
    apr_hash_index_t *each;

    for (each = apr_hash_first(pool, roster.members); each;
         each = apr_hash_next(each)) {
        void *member;

        apr_hash_this(each, NULL, NULL, &member);
        member_child_init(member, pool, roster.token_secret);
    }
}

void roster_doubt(request_rec *r, const config_t *config)
{
    member_t *member = find_member(r, config);

    if (member)
        member_doubt(member);
}

/* -- whom a request names -------------------------------------------------- */

static const apr_array_header_t *match(const ca_set_t *cas,
                                       const request_t *request)
{
    const apr_array_header_t *named =
        ca_set_find(cas, &request->certids[0]);
    int i;

    for (i = 1; named && i < request->certid_count; i++) {
        const authority_t *first =
            APR_ARRAY_IDX(named, 0, const authority_t *);

        if (issuer_match(first->issuer, &request->certids[i])
            != ISSUER_MATCH)
            return NULL;
    }
    return named;
}

static roster_result_t nobody(request_rec *r, const ca_set_t *cas,
                              const char **why)
{
    if (cas->unreadable->nelts == 0) {
        *why = "a CertID of another CA, or with a hash algorithm that is not "
            "supported";
        return ROSTER_OTHER;
    }
    *why = apr_psprintf(r->pool, "it may be asked for a CA that cannot be "
                        "read: %s",
                        APR_ARRAY_IDX(cas->unreadable, 0, const char *));
    return ROSTER_BROKEN;
}

roster_result_t roster_find(request_rec *r, const config_t *config,
                            const request_t *request,
                            const apr_array_header_t **authorities,
                            const char **why)
{
    member_t *member = find_member(r, config);
    dbd_result_t result = DBD_REFUSED;
    const ca_set_t *cas;

    if (!member) {
        *why = "these settings come together only in this request; put "
            "OCSPResponderCA, Key and Cert into one section";
        return ROSTER_BROKEN;
    }
    cas = member_census(member, r, 0, &result, why);
    *authorities = cas ? match(cas, request) : NULL;
    /* A CA that is not known may be a new one. */
    if (cas && !*authorities && config_ca_is_all(config)) {
        cas = member_census(member, r, 1, &result, why);
        *authorities = cas ? match(cas, request) : NULL;
    }
    if (*authorities)
        return ROSTER_FOUND;
    if (cas)
        return nobody(r, cas, why);
    return result == DBD_UNAVAILABLE ? ROSTER_UNAVAILABLE : ROSTER_BROKEN;
}
