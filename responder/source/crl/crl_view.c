/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/crl_view.h"

#include "apr_strings.h"
#include "base/calendar.h"
#include "ocsp/crl_reason.h"
#include "ocsp/serial.h"
#include "source/crl/crl_pairs.h"
#include "source/crl/revocation_list.h"

struct crl_view_t {
    crl_pairs_t chosen;
};

static const crl_pair_t *crl_view_nth(const crl_view_t *view, int i)
{
    return &APR_ARRAY_IDX(view->chosen.pairs, i, crl_pair_t);
}

const crl_view_t *crl_view_create(apr_pool_t *pool, X509 *ca,
                                  const apr_array_header_t *sources)
{
    crl_view_t *view = apr_palloc(pool, sizeof(*view));

    view->chosen = crl_pairs_choose(pool, ca, sources);
    return view;
}

const char *crl_view_fault(const crl_view_t *view)
{
    return view->chosen.fault;
}

int crl_view_is_unsure(const crl_view_t *view)
{
    return view->chosen.is_unsure;
}

const char *crl_view_older(const crl_view_t *view, const crl_view_t *before)
{
    const crl_used_t *older = view->chosen.is_unsure
        ? NULL
        : crl_pairs_find_older(&view->chosen, &before->chosen);

    return older ? older->path : NULL;
}

/* One part more or less than there should be may be any. */
static int covers(const crl_view_t *view, crl_absent_t absent)
{
    return view->chosen.covers
        || (absent.parts && absent.parts == view->chosen.parts
            && view->chosen.parts_cover);
}

const char *crl_view_doubt(const crl_view_t *view, apr_pool_t *pool,
                           crl_absent_t absent)
{
    if (view->chosen.apart->nelts > 0)
        return "there is a newer delta CRL than the full CRL that it continues;"
               " what it revokes is revoked, nothing else of it counts, and "
               "for absent=good tryLater is answered";
    if (absent.status != OCSP_RESPONDER_GOOD || covers(view, absent))
        return NULL;
    if (!view->chosen.parts_cover)
        return "its CRLs are not about all of its certificates and reasons "
               "(issuingDistributionPoint), so that absent=good is not "
               "followed: what is in none is unknown";
    return apr_psprintf(
        pool,
        "%d of its CRLs are those of distribution points, which have its "
        "certificates in parts, and nothing in them tells whether all are "
        "there, so that absent=good is not followed: what is in none is "
        "unknown. If the CA has no more of them, write absent=good parts=%d",
        view->chosen.parts, view->chosen.parts);
}

/* -- what they say --------------------------------------------------------- */

static apr_time_t end_of_list(const crl_used_t *used, apr_time_t now)
{
    return crl_signers_end(&used->signers, used->list, now);
}

/* The list of a pair that ends first. */
static const crl_used_t *first_to_end(const crl_pair_t *pair, apr_time_t now)
{
    return pair->delta.list
            && end_of_list(&pair->delta, now) < end_of_list(&pair->full, now)
        ? &pair->delta
        : &pair->full;
}

static apr_time_t crl_view_end_of(const crl_pair_t *pair, apr_time_t now)
{
    return end_of_list(first_to_end(pair, now), now);
}

static int crl_view_find(const crl_used_t *used, bytes_t serial,
                         revocation_list_entry_t *entry)
{
    int i;

    for (i = 0; used->list && i < used->issuers->nelts; i++) {
        if (revocation_list_find(used->list,
                                 APR_ARRAY_IDX(used->issuers, i, int), serial,
                                 entry))
            return 1;
    }
    return 0;
}

/* Whether a serial is revoked, by the entry that counts. */
static int find_revoked(const crl_pair_t *pair, bytes_t serial,
                        revocation_list_entry_t *entry)
{
    return crl_view_find(&pair->delta, serial, entry)
        ? entry->says.status.reason != CRL_REASON_REMOVE_FROM_CRL
        : crl_view_find(&pair->full, serial, entry);
}

/* Whether a delta revokes it that goes with no full list. It removes nothing,
 * as what it continues is not here. */
static int find_apart(const crl_view_t *view, bytes_t serial,
                      revocation_list_entry_t *entry)
{
    int i;

    for (i = 0; i < view->chosen.apart->nelts; i++) {
        if (crl_view_find(&APR_ARRAY_IDX(view->chosen.apart, i, crl_used_t),
                          serial, entry)
            && entry->says.status.reason != CRL_REASON_REMOVE_FROM_CRL)
            return 1;
    }
    return 0;
}

/* Looks into one list of a pair, whose entries may not be what counts. */
static const char *find_reason_in(const crl_pair_t *pair,
                                  const revocation_list_t *list,
                                  apr_pool_t *pool, int reason)
{
    bytes_t rest = list->entries;
    revocation_list_entry_t each, entry;

    while (revocation_list_take(&rest, &each))
        if (each.says.status.reason == reason
            && find_revoked(pair, each.serial, &entry)
            && entry.says.status.reason == reason)
            return serial_text(pool, each.serial.data, each.serial.len);
    return NULL;
}

const char *crl_view_find_reason(const crl_view_t *view, apr_pool_t *pool,
                                 int reason, int *is_ca)
{
    const char *serial = NULL;
    int i;

    for (i = 0; !serial && i < view->chosen.pairs->nelts; i++) {
        const crl_pair_t *pair = crl_view_nth(view, i);

        *is_ca = !pair->full.list->says.user_reasons;
        serial = find_reason_in(pair, pair->full.list, pool, reason);
        if (!serial && pair->delta.list)
            serial = find_reason_in(pair, pair->delta.list, pool, reason);
    }
    return serial;
}

/* No answer promises more than the CRLs it is drawn from. */
static void bound(ocsp_responder_status_t *status, const crl_pair_t *pair,
                  apr_time_t now)
{
    const apr_time_t made = crl_pairs_last(pair)->this_update;
    const apr_time_t end = crl_view_end_of(pair, now);

    if (!status->this_update || made < status->this_update)
        status->this_update = made;
    if (!status->next_update || end < status->next_update)
        status->next_update = end;
}

static const char *tell_lapse(apr_pool_t *pool, const crl_pair_t *pair,
                              apr_time_t now)
{
    const apr_time_t begin = crl_pairs_last(pair)->this_update;
    const crl_used_t *used = first_to_end(pair, now);
    const apr_time_t end = end_of_list(used, now);

    if (!end)
        return apr_pstrcat(pool, used->path,
                           ": the certificate of the one that has signed its "
                           "CRL is not valid now",
                           NULL);
    if (begin > now)
        return apr_psprintf(pool, "%s: its CRL begins at %s only",
                            pair->delta.list ? pair->delta.path
                                             : pair->full.path,
                            calendar_http_date(pool, begin));
    return apr_psprintf(pool, "%s: its CRL has ended at %s", used->path,
                        calendar_http_date(pool, end));
}

static int counts(const crl_pair_t *pair, apr_time_t now)
{
    return now < crl_view_end_of(pair, now)
        && crl_pairs_last(pair)->this_update <= now;
}

const char *crl_view_lapse(const crl_view_t *view, apr_pool_t *pool,
                           apr_time_t now)
{
    int i;

    for (i = 0; i < view->chosen.pairs->nelts; i++)
        if (!counts(crl_view_nth(view, i), now))
            return tell_lapse(pool, crl_view_nth(view, i), now);
    return NULL;
}

static ocsp_responder_lookup_t say_absent(const crl_view_t *view,
                                          apr_pool_t *pool, crl_absent_t absent,
                                          ocsp_responder_status_t *status,
                                          const char **why)
{
    if (absent.status == OCSP_RESPONDER_GOOD && view->chosen.unreadable) {
        *why = apr_pstrcat(pool, "it is in no CRL that can be read, but ",
                           view->chosen.unreadable, " cannot", NULL);
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    if (absent.status == OCSP_RESPONDER_GOOD && view->chosen.apart->nelts > 0) {
        *why = apr_pstrcat(
            pool, APR_ARRAY_IDX(view->chosen.apart, 0, crl_used_t).path,
            ": it may be in the full CRL that its delta CRL continues, which "
            "is missing",
            NULL);
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    }
    if (covers(view, absent))
        status->cert_status = absent.status;
    return OCSP_RESPONDER_LOOKUP_DONE;
}

ocsp_responder_lookup_t crl_view_status(
    const crl_view_t *view, apr_pool_t *pool, const crl_question_t *question,
    ocsp_responder_status_t *status, const char **why)
{
    ocsp_responder_status_t found = { .cert_status = OCSP_RESPONDER_UNKNOWN };
    const crl_pair_t *ended = NULL;
    revocation_list_entry_t entry;
    int i;

    if (view->chosen.fault) {
        *why = view->chosen.fault;
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    for (i = 0; i < view->chosen.pairs->nelts; i++) {
        const crl_pair_t *pair = crl_view_nth(view, i);

        if (!counts(pair, question->now)) {
            ended = pair;
            continue;
        }
        if (find_revoked(pair, question->serial, &entry)) {
            *status = entry.says.status;
            bound(status, pair, question->now);
            return OCSP_RESPONDER_LOOKUP_DONE;
        }
        bound(&found, pair, question->now);
    }
    if (ended) {
        *why = tell_lapse(pool, ended, question->now);
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    }
    *status = found;
    if (find_apart(view, question->serial, &entry)) {
        *status = entry.says.status;
        status->this_update = found.this_update;
        status->next_update = found.next_update;
        return OCSP_RESPONDER_LOOKUP_DONE;
    }
    return say_absent(view, pool, question->absent, status, why);
}
