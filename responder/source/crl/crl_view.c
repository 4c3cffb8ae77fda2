/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/crl_view.h"

#include "apr_strings.h"
#include "base/calendar.h"
#include "source/crl/crl_pairs.h"
#include "source/crl/revocation_list.h"

#define REASON_REMOVE_FROM_CRL 8

struct crl_view_t {
    const apr_array_header_t *pairs; /* of crl_pair_t */
    const char *fault;
    const char *unreadable; /* a file of which nothing is known; NULL: none */
};

const crl_view_t *crl_view_create(apr_pool_t *pool, X509 *ca,
                                  const apr_array_header_t *sources)
{
    crl_view_t *view = apr_pcalloc(pool, sizeof(*view));
    int i;

    view->pairs = crl_pairs_choose(pool, ca, sources, &view->fault);
    for (i = 0; i < sources->nelts; i++) {
        const crl_source_t *source = &APR_ARRAY_IDX(sources, i, crl_source_t);

        if (!source->file)
            view->unreadable = source->path;
    }
    return view;
}

const char *crl_view_fault(const crl_view_t *view)
{
    return view->fault;
}

/* -- what they say --------------------------------------------------------- */

static apr_time_t end_of(const crl_pair_t *pair)
{
    const revocation_list_t *full = pair->full.list, *delta = pair->delta.list;

    return delta && delta->next_update < full->next_update ? delta->next_update
                                                           : full->next_update;
}

/* The list of a pair that was made last. */
static const revocation_list_t *last_of(const crl_pair_t *pair)
{
    return pair->delta.list ? pair->delta.list : pair->full.list;
}

apr_time_t crl_view_end(const crl_view_t *view)
{
    apr_time_t end = 0;
    int i;

    for (i = 0; i < view->pairs->nelts; i++) {
        const crl_pair_t *pair = &APR_ARRAY_IDX(view->pairs, i, crl_pair_t);

        if (!end || end_of(pair) < end)
            end = end_of(pair);
    }
    return end;
}

static const serial_map_entry_t *find(const crl_used_t *used, bytes_t serial)
{
    return used->list && used->revoked ? serial_map_find(used->revoked, serial)
                                       : NULL;
}

/* The entry that counts, and the list it is in; NULL when it is in none. */
static const serial_map_entry_t *find_revoked(
    const crl_pair_t *pair, bytes_t serial, const revocation_list_t **list)
{
    const serial_map_entry_t *entry = find(&pair->delta, serial);

    *list = pair->delta.list;
    if (entry)
        return entry->reason == REASON_REMOVE_FROM_CRL ? NULL : entry;
    *list = pair->full.list;
    return find(&pair->full, serial);
}

static void say_revoked(const serial_map_entry_t *entry,
                        const revocation_list_t *list,
                        ocsp_responder_status_t *status)
{
    status->cert_status = OCSP_RESPONDER_REVOKED;
    status->revocation_time = entry->time;
    status->reason = entry->reason;
    status->invalidity_date =
        revocation_list_invalidity(list, entry, &status->has_invalidity_date);
}

/* No answer promises more than the CRLs it is drawn from. */
static void bound(ocsp_responder_status_t *status, const crl_pair_t *pair)
{
    const apr_time_t made = last_of(pair)->this_update, end = end_of(pair);

    if (!status->this_update || made < status->this_update)
        status->this_update = made;
    if (!status->next_update || end < status->next_update)
        status->next_update = end;
}

static const char *tell_end(apr_pool_t *pool, const crl_pair_t *pair,
                            apr_time_t now)
{
    const int is_early = last_of(pair)->this_update > now;

    return apr_psprintf(
        pool,
        is_early ? "%s: its CRL begins at %s only"
                 : "%s: its CRL has ended at %s",
        pair->delta.list && end_of(pair) != pair->full.list->next_update
            ? pair->delta.path
            : pair->full.path,
        calendar_http_date(
            pool, is_early ? last_of(pair)->this_update : end_of(pair)));
}

static int counts(const crl_pair_t *pair, apr_time_t now)
{
    return now < end_of(pair) && last_of(pair)->this_update <= now;
}

static ocsp_responder_lookup_t say_absent(const crl_view_t *view,
                                          apr_pool_t *pool,
                                          ocsp_responder_cert_status_t absent,
                                          ocsp_responder_status_t *status,
                                          const char **why)
{
    if (absent == OCSP_RESPONDER_GOOD && view->unreadable) {
        *why = apr_pstrcat(pool, "it is in no CRL that can be read, but ",
                           view->unreadable, " cannot", NULL);
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    status->cert_status = absent;
    return OCSP_RESPONDER_LOOKUP_DONE;
}

ocsp_responder_lookup_t crl_view_status(
    const crl_view_t *view, apr_pool_t *pool, bytes_t serial,
    ocsp_responder_cert_status_t absent, apr_time_t now,
    ocsp_responder_status_t *status, const char **why)
{
    ocsp_responder_status_t found = { .cert_status = OCSP_RESPONDER_UNKNOWN };
    const crl_pair_t *ended = NULL;
    int i;

    if (view->fault) {
        *why = view->fault;
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    for (i = 0; i < view->pairs->nelts; i++) {
        const crl_pair_t *pair = &APR_ARRAY_IDX(view->pairs, i, crl_pair_t);
        const revocation_list_t *list;
        const serial_map_entry_t *entry = find_revoked(pair, serial, &list);

        if (!counts(pair, now)) {
            ended = pair;
            continue;
        }
        if (entry) {
            memset(status, 0, sizeof(*status));
            say_revoked(entry, list, status);
            bound(status, pair);
            return OCSP_RESPONDER_LOOKUP_DONE;
        }
        bound(&found, pair);
    }
    if (ended) {
        *why = tell_end(pool, ended, now);
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    }
    *status = found;
    return say_absent(view, pool, absent, status, why);
}
