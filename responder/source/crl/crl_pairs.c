/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/crl_pairs.h"

#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include "source/crl/crl_extension.h"
#include "source/crl/crl_signature.h"

/* -- which CRLs are used --------------------------------------------------- */

typedef struct {
    apr_pool_t *pool;
    X509 *ca;
    const apr_array_header_t *sources;
    apr_array_header_t *fulls;  /* of crl_used_t */
    apr_array_header_t *deltas; /* of crl_used_t */
    apr_array_header_t *faulty; /* of crl_used_t */
    int is_unsure;              /* crl_signature.h */
} chooser_t;

/* Which of the list's issuers the CA is: its name may be encoded in several
 * ways. */
static const apr_array_header_t *issuers_in(chooser_t *chooser,
                                            const revocation_list_t *list)
{
    apr_array_header_t *issuers = apr_array_make(chooser->pool, 1, sizeof(int));
    int i;

    for (i = 0; i < list->issuers->nelts; i++) {
        if (crl_signature_is_name_of(APR_ARRAY_IDX(list->issuers, i, bytes_t),
                                     chooser->ca, &chooser->is_unsure))
            APR_ARRAY_PUSH(issuers, int) = i;
    }
    return issuers;
}

/* What is wrong with a list that is about the CA; NULL if nothing is. */
static const char *crl_pairs_fault_of(const crl_used_t *used)
{
    if (used->signers.fault)
        return used->signers.fault;
    if (!used->list->says.unusable && !used->list->next_update)
        return "it does not say when the next is due (nextUpdate), as RFC 5280 "
               "§5.1.2.5 demands";
    return used->list->says.unusable;
}

static void crl_pairs_consider(chooser_t *chooser, const char *path,
                               const revocation_list_t *list)
{
    crl_used_t used = { .path = path,
                        .list = list,
                        .issuers = issuers_in(chooser, list),
                        .is_cas = crl_signature_is_name_of(
                            list->issuer, chooser->ca, &chooser->is_unsure) };

    /* An indirect list may be about any CA's certificates. */
    if (!used.is_cas && !list->says.is_indirect)
        return;
    used.signers =
        crl_signers_find(chooser->pool, chooser->ca, chooser->sources, list,
                         &chooser->is_unsure);
    used.fault = crl_pairs_fault_of(&used);
    if (!used.fault)
        APR_ARRAY_PUSH(list->says.base_number.data ? chooser->deltas
                                                   : chooser->fulls,
                       crl_used_t) = used;
    else if (used.is_cas || used.issuers->nelts)
        APR_ARRAY_PUSH(chooser->faulty, crl_used_t) = used;
}

static void consider_all(chooser_t *chooser, const crl_source_t *source)
{
    int i;

    for (i = 0; source->file && i < source->file->lists->nelts; i++)
        crl_pairs_consider(chooser, source->path,
                           APR_ARRAY_IDX(source->file->lists, i,
                                         const revocation_list_t *));
}

/* -- how they go together -------------------------------------------------- */

static int have_one_issuer(const revocation_list_t *one,
                           const revocation_list_t *other)
{
    return bytes_equal(one->issuer, other->issuer);
}

/* Whether two may be of one key. Of one that is not signed by it nothing tells
 * but what it says, which not each does. */
static int have_one_key(const crl_used_t *one, const crl_used_t *other)
{
    const X509 *signer = one->signers.signer, *others = other->signers.signer;
    const bytes_t id = one->list->says.key_id,
                  other_id = other->list->says.key_id;

    if (signer && others)
        return ASN1_STRING_cmp(X509_get0_pubkey_bitstr(signer),
                               X509_get0_pubkey_bitstr(others))
            == 0;
    return !id.data || !other_id.data || bytes_equal(id, other_id);
}

static int have_one_scope(const revocation_list_t *one,
                          const revocation_list_t *other)
{
    const bytes_t scope = one->says.scope, others = other->says.scope;

    if (!have_one_issuer(one, other))
        return 0;
    if (!scope.data || !others.data)
        return !scope.data && !others.data;
    return bytes_equal(scope, others);
}

/* Two of one scope may take each other's place, the newer the older's. But each
 * key of a CA may have a CRL of its own, about the certificates that were
 * signed with it. */
static int have_one_place(const crl_used_t *one, const crl_used_t *other)
{
    return have_one_scope(one->list, other->list) && have_one_key(one, other);
}

/* Whether a full list has all that another of its age has. */
static int is_about_all_of(const crl_used_t *full, const crl_used_t *other)
{
    return have_one_key(full, other)
        && (full->list->says.scope.data
                ? have_one_scope(full->list, other->list)
                : have_one_issuer(full->list, other->list));
}

/* A CA's later word counts, also where its numbers have begun anew. */
static int is_newer(const revocation_list_t *one,
                    const revocation_list_t *other)
{
    return one->this_update != other->this_update
        ? one->this_update > other->this_update
        : revocation_list_compare(one->says.number, other->says.number) > 0;
}

/* Whether a delta says what came after a full list (RFC 5280 §5.2.4). */
static int goes_with(const crl_used_t *delta, const crl_used_t *full)
{
    return have_one_place(delta, full)
        && revocation_list_compare(full->list->says.number,
                                   delta->list->says.base_number)
        >= 0
        && is_newer(delta->list, full->list);
}

const revocation_list_t *crl_pairs_last(const crl_pair_t *pair)
{
    return pair->delta.list ? pair->delta.list : pair->full.list;
}

/* Whether another is in a full list's place: a newer one, or the same once
 * more. Two of one age that differ both count, as nobody can tell which was
 * later. */
static int is_replaced(const chooser_t *chooser, int n)
{
    const crl_used_t *used = &APR_ARRAY_IDX(chooser->fulls, n, crl_used_t);
    int i;

    for (i = 0; i < chooser->fulls->nelts; i++) {
        const crl_used_t *other = &APR_ARRAY_IDX(chooser->fulls, i, crl_used_t);

        if (i != n && have_one_place(other, used)
            && (is_newer(other->list, used->list)
                || (i < n && bytes_equal(other->list->der, used->list->der))))
            return 1;
    }
    return 0;
}

static void add_fulls(const chooser_t *chooser, apr_array_header_t *pairs)
{
    int i;

    for (i = 0; i < chooser->fulls->nelts; i++) {
        crl_pair_t *pair;

        if (is_replaced(chooser, i))
            continue;
        pair = apr_array_push(pairs);
        memset(pair, 0, sizeof(*pair));
        pair->full = APR_ARRAY_IDX(chooser->fulls, i, crl_used_t);
    }
}

/* Whether no full list has what a delta says. */
static int is_newest(const apr_array_header_t *pairs, const crl_used_t *delta)
{
    int i;

    for (i = 0; i < pairs->nelts; i++) {
        const crl_used_t *full = &APR_ARRAY_IDX(pairs, i, crl_pair_t).full;

        if (is_about_all_of(full, delta) && !is_newer(delta->list, full->list))
            return 0;
    }
    return 1;
}

static void add_delta(apr_array_header_t *pairs, const crl_used_t *delta,
                      apr_array_header_t *apart)
{
    int goes = 0, i;

    for (i = 0; i < pairs->nelts; i++) {
        crl_pair_t *pair = &APR_ARRAY_IDX(pairs, i, crl_pair_t);

        if (!goes_with(delta, &pair->full))
            continue;
        goes = 1;
        if (!pair->delta.list || is_newer(delta->list, pair->delta.list))
            pair->delta = *delta;
    }
    if (!goes && is_newest(pairs, delta))
        APR_ARRAY_PUSH(apart, crl_used_t) = *delta;
}

/* NULL if there is none. */
static const char *find_unreadable(const apr_array_header_t *sources)
{
    int i;

    for (i = 0; i < sources->nelts; i++) {
        const crl_source_t *source = &APR_ARRAY_IDX(sources, i, crl_source_t);

        if (!source->file)
            return source->path;
    }
    return NULL;
}

/* A list that is not used does no harm where a newer one is in its place, or
 * where another CA of the same name has issued it, as the one with the former
 * key. But what may be the CA's last word is not passed over, whoever has
 * signed it: RFC 5280 §6.3.3 (h) would let the full CRL stand until its
 * nextUpdate where a delta's signature is wrong, but what that delta revokes is
 * not in it, and a full CRL with a wrong signature is not passed over either.
 */
static int is_harmful(const crl_used_t *used, const apr_array_header_t *pairs)
{
    int is_replaced = 0, i;

    for (i = 0; i < pairs->nelts; i++) {
        const crl_pair_t *pair = &APR_ARRAY_IDX(pairs, i, crl_pair_t);

        if (!have_one_scope(pair->full.list, used->list))
            continue;
        if (used->signers.fault && used->signers.is_others)
            return 0;
        if (!have_one_key(&pair->full, used))
            continue;
        if (is_newer(used->list, crl_pairs_last(pair)))
            return 1;
        is_replaced = 1;
    }
    return !is_replaced;
}

static const char *find_fault(const chooser_t *chooser,
                              const crl_pairs_t *chosen)
{
    int i;

    if (chosen->is_unsure)
        return "there was not enough memory to look who has signed the CRLs";
    for (i = 0; i < chooser->faulty->nelts; i++) {
        const crl_used_t *used = &APR_ARRAY_IDX(chooser->faulty, i, crl_used_t);

        if (is_harmful(used, chosen->pairs))
            return apr_pstrcat(chooser->pool, used->path, ": ", used->fault,
                               NULL);
    }
    if (chosen->pairs->nelts > 0)
        return NULL;
    return chosen->unreadable ? apr_pstrcat(chooser->pool, chosen->unreadable,
                                            " cannot be read", NULL)
                              : "the files have no full CRL of the CA";
}

/* -- what they are about --------------------------------------------------- */

/* The reasons for which they would have a certificate of one kind: what one
 * list is about, or what all parts are that are about that kind. */
typedef struct {
    unsigned whole, parts;
    int has_parts;
} reasons_t;

static void add_reasons(reasons_t *sum, unsigned reasons, int is_part)
{
    if (!is_part) {
        sum->whole |= reasons;
    }
    else if (reasons) {
        sum->parts = sum->has_parts ? sum->parts & reasons : reasons;
        sum->has_parts = 1;
    }
}

static int are_all(const reasons_t *sum, int has_all_parts)
{
    return (sum->whole | (has_all_parts ? sum->parts : 0))
        == CRL_EXTENSION_ALL_REASONS;
}

static void add_cover(crl_pairs_t *chosen, X509 *ca)
{
    const int has_cas = X509_get_pathlen(ca) != 0;
    reasons_t users = { 0, 0, 0 }, cas = { 0, 0, 0 };
    int i;

    for (i = 0; i < chosen->pairs->nelts; i++) {
        const crl_used_t *full =
            &APR_ARRAY_IDX(chosen->pairs, i, crl_pair_t).full;
        const crl_extensions_t *says = &full->list->says;

        /* Another's is known to be about the CA by what it revokes. */
        if (!full->is_cas && !full->issuers->nelts)
            continue;
        chosen->parts += says->is_part;
        add_reasons(&users, says->user_reasons, says->is_part);
        add_reasons(&cas, says->ca_reasons, says->is_part);
    }
    chosen->covers = are_all(&users, 0) && (!has_cas || are_all(&cas, 0));
    chosen->parts_cover = are_all(&users, 1) && (!has_cas || are_all(&cas, 1));
}

/* -------------------------------------------------------------------------- */

crl_pairs_t crl_pairs_choose(apr_pool_t *pool, X509 *ca,
                             const apr_array_header_t *sources)
{
    chooser_t chooser = { .pool = pool, .ca = ca, .sources = sources };
    apr_array_header_t *pairs = apr_array_make(pool, 2, sizeof(crl_pair_t));
    apr_array_header_t *apart = apr_array_make(pool, 1, sizeof(crl_used_t));
    crl_pairs_t chosen = { .pairs = pairs,
                           .apart = apart,
                           .unreadable = find_unreadable(sources) };
    int i;

    chooser.fulls = apr_array_make(pool, 2, sizeof(crl_used_t));
    chooser.deltas = apr_array_make(pool, 2, sizeof(crl_used_t));
    chooser.faulty = apr_array_make(pool, 2, sizeof(crl_used_t));
    for (i = 0; i < sources->nelts; i++)
        consider_all(&chooser, &APR_ARRAY_IDX(sources, i, crl_source_t));
    add_fulls(&chooser, pairs);
    for (i = 0; i < chooser.deltas->nelts; i++)
        add_delta(pairs, &APR_ARRAY_IDX(chooser.deltas, i, crl_used_t), apart);
    chosen.is_unsure = chooser.is_unsure;
    chosen.fault = find_fault(&chooser, &chosen);
    add_cover(&chosen, ca);
    ERR_clear_error();
    return chosen;
}

/* NULL if there is none. */
static const crl_pair_t *find_in_place_of(const apr_array_header_t *pairs,
                                          const crl_pair_t *other)
{
    int i;

    for (i = 0; i < pairs->nelts; i++) {
        const crl_pair_t *pair = &APR_ARRAY_IDX(pairs, i, crl_pair_t);

        if (have_one_place(&pair->full, &other->full))
            return pair;
    }
    return NULL;
}

const crl_used_t *crl_pairs_find_older(const crl_pairs_t *pairs,
                                       const crl_pairs_t *before)
{
    int i;

    for (i = 0; i < pairs->pairs->nelts; i++) {
        const crl_pair_t *pair = &APR_ARRAY_IDX(pairs->pairs, i, crl_pair_t);
        const crl_pair_t *old = find_in_place_of(before->pairs, pair);

        if (old && is_newer(crl_pairs_last(old), crl_pairs_last(pair)))
            return is_newer(old->full.list, pair->full.list)
                    || !pair->delta.list
                ? &pair->full
                : &pair->delta;
    }
    return NULL;
}
