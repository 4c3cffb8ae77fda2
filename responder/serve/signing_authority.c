/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/signing_authority.h"

#include "serve/responders.h"

/* The owner, if it can sign; else one of the others, whose name and key are the
 * same; else it is the owner that cannot. */
static const authority_t *find_signing(const exchange_t *exchange,
                                       const authority_t *owner)
{
    const apr_array_header_t *authorities = exchange->authorities;
    int i;

    if (!owner)
        owner = APR_ARRAY_IDX(authorities, 0, const authority_t *);
    if (authority_may_sign(owner, exchange->now))
        return owner;
    for (i = 0; i < authorities->nelts; i++) {
        const authority_t *other =
            APR_ARRAY_IDX(authorities, i, const authority_t *);

        if (authority_may_sign(other, exchange->now))
            return other;
    }
    return owner;
}

/* NULL where a list does not have that very CA: the id may be another one's. */
static const ca_entry_t *find_that_ca(const ca_set_t *set,
                                      const ocsp_responder_ca_t *ca)
{
    const ca_entry_t *entry = ca_set_by_id(set, ca->id);

    if (entry && bytes_equal(entry->ca.certificate, ca->certificate))
        return entry;
    return NULL;
}

/* The authority of the same CA with the pair number index; NULL if it cannot
 * sign now. Each pair has a list of CAs of its own, which may be older. */
static const authority_t *with_pair(const exchange_t *exchange,
                                    const authority_t *authority, int index)
{
    const ocsp_responder_call_t *call = &exchange->call;
    const config_t *config =
        config_with_pair(call->pool, exchange->config, index);
    responder_t *responder = responders_of(exchange->r, config);
    ocsp_responder_lookup_t result;
    const char *why;
    const ca_set_t *set =
        responder ? responder_cas(responder, call, 0, &result, &why) : NULL;
    const ca_entry_t *entry = set ? find_that_ca(set, &authority->ca) : NULL;
    const authority_t *other = entry
        ? authorities_get(responder_authorities(responder), call, entry,
                          &result, &why)
        : NULL;

    if (set && !entry)
        responder_doubt(responder);
    return other && authority_may_sign(other, exchange->now) ? other : NULL;
}

static const authority_t *choose_pair(const exchange_t *exchange,
                                      const authority_t *first, int count)
{
    const authority_t **authorities =
        apr_palloc(exchange->call.pool, count * sizeof(*authorities));
    const signer_t **signers =
        apr_palloc(exchange->call.pool, count * sizeof(*signers));
    int i, index;

    authorities[0] = first;
    signers[0] =
        authority_may_sign(first, exchange->now) ? first->signer : NULL;
    for (i = 1; i < count; i++) {
        authorities[i] = with_pair(exchange, first, i);
        signers[i] = authorities[i] ? authorities[i]->signer : NULL;
    }
    index = signer_choose(signers, count, exchange->request);
    return signers[index] ? authorities[index] : first;
}

const authority_t *signing_authority(const exchange_t *exchange,
                                     const authority_t *owner)
{
    const authority_t *first = find_signing(exchange, owner);
    int count = config_pairs(exchange->config);

    if (count == 1
        || (exchange->request->preferred.len == 0
            && authority_may_sign(first, exchange->now)))
        return first;
    return choose_pair(exchange, first, count);
}
