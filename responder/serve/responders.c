/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/responders.h"

#include "apr_strings.h"

#include "base/text_hash.h"
#include "serve/task.h"

/* What tells at a request which responder it is for. The same text is the same
 * pointer, and merging copies pointers; it must hold no padding. */
typedef struct {
    server_rec *server;
    const char *ca, *key, *key_passphrase, *cert, *chain, *digest, *storage,
        *source, *source_arguments, *time_zone, *final, *presigned;
} identity_t;

static struct {
    apr_pool_t *pool;
    apr_hash_t *members;  /* responder_t *, by identity_t */
    apr_hash_t *distinct; /* likewise, by shared_identity() */
} responders;

static identity_t identify(server_rec *server, const config_t *config)
{
    identity_t identity = { .server = server,
                            .ca = config->ca,
                            .key = config->key,
                            .key_passphrase = config->key_passphrase,
                            .cert = config->cert,
                            .chain = config->chain,
                            .digest = config->digest,
                            .storage = config->storage,
                            .source = config->source,
                            .source_arguments = config->source_arguments,
                            .time_zone = config->time_zone_name,
                            /* It looks for more of its CAs. */
                            .final = config_never_expires(config) ? "" : NULL,
                            /* It is healthy without a key. */
                            .presigned = config_presigned(config) ? "" : NULL };

    return identity;
}

responder_t *responders_of(request_rec *r, const config_t *config)
{
    identity_t identity = identify(r->server, config);

    return apr_hash_get(responders.members, &identity, sizeof(identity));
}

int responders_begin(apr_pool_t *pool)
{
    responders.pool = pool;
    responders.members = text_hash_make(pool);
    responders.distinct = text_hash_make(pool);
    return authority_begin();
}

/* -- which are one --------------------------------------------------------- */

/* Of another server, with a source that is the same: that has the same
 * instance. */
static identity_t shared_identity(const responder_parts_t *parts)
{
    identity_t identity = identify(NULL, parts->config);

    identity.storage = NULL;
    identity.source = (const char *)parts->source;
    identity.source_arguments = NULL;
    identity.time_zone = NULL;
    return identity;
}

static void responders_set(apr_hash_t *hash, const identity_t *identity,
                           responder_t *responder)
{
    apr_hash_set(hash,
                 apr_pmemdup(responders.pool, identity, sizeof(*identity)),
                 sizeof(*identity), responder);
}

void responders_add(const responder_parts_t *parts)
{
    identity_t identity = identify(parts->server, parts->config);
    identity_t shared = shared_identity(parts);
    responder_t *responder;

    if (apr_hash_get(responders.members, &identity, sizeof(identity)))
        return;
    responder = apr_hash_get(responders.distinct, &shared, sizeof(shared));
    if (!responder) {
        responder = responder_create(responders.pool, parts);
        responders_set(responders.distinct, &shared, responder);
    }
    responders_set(responders.members, &identity, responder);
}

void responders_child_init(apr_pool_t *pool)
{
    apr_hash_index_t *each;

    task_child_init(pool);
    for (each = apr_hash_first(pool, responders.distinct); each;
         each = apr_hash_next(each))
        responder_child_init(apr_hash_this_val(each), pool);
}

/* -- whom a request names -------------------------------------------------- */

static responders_result_t other(const char **why)
{
    *why = "a CertID of another CA, or with a hash algorithm that is not "
           "supported";
    return RESPONDERS_OTHER;
}

static responders_result_t nobody(const exchange_t *exchange,
                                  const ca_set_t *set, const char **why)
{
    if (set->unreadable->nelts == 0)
        return other(why);
    *why = apr_psprintf(exchange->call.pool,
                        "it may be asked for a CA that cannot be read: %s",
                        APR_ARRAY_IDX(set->unreadable, 0, const char *));
    return RESPONDERS_BROKEN;
}

static responders_result_t result_of(ocsp_responder_lookup_t result)
{
    return result == OCSP_RESPONDER_LOOKUP_UNAVAILABLE ? RESPONDERS_UNAVAILABLE
                                                       : RESPONDERS_BROKEN;
}

/* Which of the responder's CAs the request names. early: they are to be listed
 * anew. */
static responders_result_t look_in(const exchange_t *exchange,
                                   responder_t *responder, int early,
                                   const ca_set_t **set,
                                   const ca_entry_t **entry, const char **why)
{
    ocsp_responder_lookup_t result = OCSP_RESPONDER_LOOKUP_FAILED;

    *set = responder_cas(responder, &exchange->call, early, &result, why);
    if (!*set)
        return result_of(result);
    if (!ca_set_find(*set, &exchange->request->certids[0], entry)) {
        *why = "the names and keys of the CAs cannot be hashed now";
        return RESPONDERS_UNAVAILABLE;
    }
    return *entry ? RESPONDERS_FOUND : RESPONDERS_OTHER;
}

static responders_result_t find_entry(const exchange_t *exchange,
                                      responder_t *responder,
                                      const ca_entry_t **entry,
                                      const char **why)
{
    const ca_set_t *set;
    responders_result_t result =
        look_in(exchange, responder, 0, &set, entry, why);

    /* A CA that is not known may be a new one. */
    if (result == RESPONDERS_OTHER && config_ca_is_all(exchange->config))
        result = look_in(exchange, responder, 1, &set, entry, why);
    return result == RESPONDERS_OTHER ? nobody(exchange, set, why) : result;
}

static responders_result_t responders_find_authorities(exchange_t *exchange,
                                                       responder_t *responder,
                                                       const ca_entry_t *entry,
                                                       const char **why)
{
    apr_array_header_t *list =
        apr_array_make(exchange->call.pool, 1, sizeof(authority_t *));

    for (; entry; entry = entry->next) {
        ocsp_responder_lookup_t result = OCSP_RESPONDER_LOOKUP_FAILED;
        const authority_t *authority =
            authorities_get(responder_authorities(responder), &exchange->call,
                            entry, &result, why);

        if (!authority)
            return result_of(result);
        if (!authority->issuer) {
            *why = apr_psprintf(exchange->call.pool, "CA %s: %s", entry->serial,
                                authority->why);
            return RESPONDERS_BROKEN;
        }
        APR_ARRAY_PUSH(list, const authority_t *) = authority;
    }
    exchange->authorities = list;
    return RESPONDERS_FOUND;
}

/* Whether all CertIDs name the CA that was found for the first. */
static responders_result_t match(const exchange_t *exchange, const char **why)
{
    const request_t *request = exchange->request;
    const authority_t *first =
        APR_ARRAY_IDX(exchange->authorities, 0, const authority_t *);
    int i;

    for (i = 0; i < request->certid_count; i++)
        if (issuer_match(first->issuer, &request->certids[i]) != ISSUER_MATCH)
            return other(why);
    return RESPONDERS_FOUND;
}

responders_result_t responders_find(exchange_t *exchange, const char **why)
{
    responder_t *responder = responders_of(exchange->r, exchange->config);
    const ca_entry_t *entry;
    responders_result_t result;

    if (!responder) {
        *why = "these settings come together only in this request; put "
               "OCSPResponderCA, Key and Cert into one section";
        return RESPONDERS_BROKEN;
    }
    result = find_entry(exchange, responder, &entry, why);
    if (result != RESPONDERS_FOUND)
        return result;
    exchange->source = responder_parts(responder)->source;
    result = responders_find_authorities(exchange, responder, entry, why);
    return result == RESPONDERS_FOUND ? match(exchange, why) : result;
}

/* Whether the authorities that were found are those of the entries. */
static int are_those_of(const ca_entry_t *entry,
                        const apr_array_header_t *authorities)
{
    int i;

    for (i = 0; entry && i < authorities->nelts; i++, entry = entry->next)
        if (!bytes_equal(entry->ca.certificate,
                         APR_ARRAY_IDX(authorities, i, const authority_t *)
                             ->ca.certificate))
            return 0;
    return !entry && i == authorities->nelts;
}

/* The id of a CA that has one of the serials of which nothing was found, and is
 * not in the set; without one, in none. NULL: there is no such CA. */
static const char *find_unlisted(const exchange_t *exchange,
                                 const ocsp_responder_status_t *found,
                                 const ca_set_t *set)
{
    int i;

    for (i = 0; i < exchange->request->certid_count; i++)
        if (found[i].cert_status == OCSP_RESPONDER_UNKNOWN && found[i].other_ca
            && !(set && ca_set_by_id(set, found[i].other_ca)))
            return found[i].other_ca;
    return NULL;
}

responders_result_t responders_find_renewed(
    exchange_t *exchange, const ocsp_responder_status_t *found,
    const char **why)
{
    const char *id = found ? find_unlisted(exchange, found, NULL) : NULL;
    responder_t *responder;
    int early;

    if (!config_ca_is_all(exchange->config) || (found && !id))
        return RESPONDERS_OTHER;
    responder = responders_of(exchange->r, exchange->config);
    for (early = 0; early <= 1; early++) {
        const ca_entry_t *entry;
        const ca_set_t *set;
        const responders_result_t result =
            look_in(exchange, responder, early, &set, &entry, why);

        if (result != RESPONDERS_FOUND)
            return result;
        if (!are_those_of(entry, exchange->authorities))
            return responders_find_authorities(exchange, responder, entry, why);
        id = found ? find_unlisted(exchange, found, set) : NULL;
        if (found && !id)
            return RESPONDERS_OTHER;
    }
    if (!found)
        return RESPONDERS_OTHER;
    *why = apr_psprintf(exchange->call.pool,
                        "its serial is that of a certificate of the CA with "
                        "the id %s, which has not been listed",
                        id);
    return RESPONDERS_UNAVAILABLE;
}

void responders_doubt(const exchange_t *exchange)
{
    responder_doubt(responders_of(exchange->r, exchange->config));
}

/* -- all of them ----------------------------------------------------------- */

void responders_each(request_rec *r, responders_visit_t visit, void *context)
{
    apr_hash_index_t *each;

    for (each = apr_hash_first(r->pool, responders.distinct); each;
         each = apr_hash_next(each))
        visit(context, r, apr_hash_this_val(each));
}
