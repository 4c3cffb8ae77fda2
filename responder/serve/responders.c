/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/responders.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include <openssl/rand.h>

#include "serve/responder.h"

/* What makes two sections the same responder. Merging copies pointers, so the
 * pointers tell; it must hold no padding. */
typedef struct {
    server_rec *server;
    const char *ca, *key, *key_passphrase, *cert, *digest, *storage;
} identity_t;

static struct {
    apr_pool_t *pool;
    apr_hash_t *members; /* responder_t *, by identity_t */
    unsigned char token_secret[AUTHORITY_DIGEST];
} responders;

static identity_t identify(server_rec *server, const config_t *config)
{
    identity_t identity = { .server = server,
                            .ca = config->ca,
                            .key = config->key,
                            .key_passphrase = config->key_passphrase,
                            .cert = config->cert,
                            .digest = config->digest,
                            .storage = config->storage };

    return identity;
}

static responder_t *find_responder(request_rec *r, const config_t *config)
{
    identity_t identity = identify(r->server, config);

    return apr_hash_get(responders.members, &identity, sizeof(identity));
}

void responders_begin(apr_pool_t *pool)
{
    responders.pool = pool;
    responders.members = apr_hash_make(pool);
    RAND_bytes(responders.token_secret, sizeof(responders.token_secret));
}

void responders_add(server_rec *server, const config_t *config,
                    const credentials_t *pair, const char *why)
{
    identity_t identity = identify(server, config);

    apr_hash_set(responders.members,
                 apr_pmemdup(responders.pool, &identity, sizeof(identity)),
                 sizeof(identity),
                 responder_create(responders.pool, config, pair, why));
}

void responders_child_init(apr_pool_t *pool)
{
    apr_hash_index_t *each;

    for (each = apr_hash_first(pool, responders.members); each;
         each = apr_hash_next(each)) {
        void *responder;

        apr_hash_this(each, NULL, NULL, &responder);
        responder_child_init(responder, pool, responders.token_secret);
    }
}

/* -- whom a request names -------------------------------------------------- */

static const apr_array_header_t *match(const ca_set_t *cas,
                                       const request_t *request)
{
    const apr_array_header_t *named = ca_set_find(cas, &request->certids[0]);
    int i;

    for (i = 1; named && i < request->certid_count; i++) {
        const authority_t *first = APR_ARRAY_IDX(named, 0, const authority_t *);

        if (issuer_match(first->issuer, &request->certids[i]) != ISSUER_MATCH)
            return NULL;
    }
    return named;
}

static responders_result_t nobody(request_rec *r, const ca_set_t *cas,
                                  const char **why)
{
    if (cas->unreadable->nelts == 0) {
        *why = "a CertID of another CA, or with a hash algorithm that is not "
               "supported";
        return RESPONDERS_OTHER;
    }
    *why = apr_psprintf(r->pool,
                        "it may be asked for a CA that cannot be "
                        "read: %s",
                        APR_ARRAY_IDX(cas->unreadable, 0, const char *));
    return RESPONDERS_BROKEN;
}

responders_result_t responders_find(request_rec *r, const config_t *config,
                                    const request_t *request,
                                    const apr_array_header_t **authorities,
                                    const char **why)
{
    responder_t *responder = find_responder(r, config);
    query_result_t result = QUERY_REFUSED;
    const ca_set_t *cas;

    if (!responder) {
        *why = "these settings come together only in this request; put "
               "OCSPResponderCA, Key and Cert into one section";
        return RESPONDERS_BROKEN;
    }
    cas = responder_cas(responder, r, 0, &result, why);
    *authorities = cas ? match(cas, request) : NULL;
    /* A CA that is not known may be a new one. */
    if (cas && !*authorities && config_ca_is_all(config)) {
        cas = responder_cas(responder, r, 1, &result, why);
        *authorities = cas ? match(cas, request) : NULL;
    }
    if (*authorities)
        return RESPONDERS_FOUND;
    if (cas)
        return nobody(r, cas, why);
    return result == QUERY_UNAVAILABLE ? RESPONDERS_UNAVAILABLE
                                       : RESPONDERS_BROKEN;
}

/* -- all of them ----------------------------------------------------------- */

void responders_each(request_rec *r, responders_visit_t visit, void *context)
{
    apr_hash_index_t *each;

    for (each = apr_hash_first(r->pool, responders.members); each;
         each = apr_hash_next(each)) {
        query_result_t result;
        const char *why = NULL;
        /* The same request, as if the responder's own server had it. */
        request_rec *theirs = apr_pmemdup(r->pool, r, sizeof(*r));
        const identity_t *identity;
        const void *key;
        void *responder;

        apr_hash_this(each, &key, NULL, &responder);
        identity = key;
        theirs->server = identity->server;
        visit(context, theirs, responder_config(responder),
              responder_cas(responder, theirs, 0, &result, &why), why);
    }
}
