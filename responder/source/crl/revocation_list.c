/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/revocation_list.h"

#include <string.h>
#include "base/asn1_time.h"
#include "base/der_reader.h"
#include "ocsp/crl_reason.h"

/* How many issuers an indirect list may speak for: each is searched for. */
#define MAX_ISSUERS 1000

#define UNREADABLE "it cannot be read as a CRL"

/* So that every place in it fits into what a map keeps. */
#define MAX_SIZE 0x7FFFFFFFu

/* Entries from this place on are about that one's certificates. */
typedef struct {
    apr_uint32_t from;
    apr_uint32_t issuer;
} run_t;

/* Whether rest begins with an element of that tag. */
static int is_next(bytes_t rest, int tag)
{
    return rest.len > 0 && *rest.data == tag;
}

static int take_time(bytes_t *rest, apr_time_t *time)
{
    der_element_t element;

    return (der_take(rest, DER_UTC_TIME, &element)
            || der_take(rest, DER_GENERALIZED_TIME, &element))
        && asn1_time_read((const char *)element.contents.data,
                          element.contents.len, time);
}

/* -- entries --------------------------------------------------------------- */

/* Takes what an entry begins with off *rest. 0 when it is not there. */
static int take_serial(bytes_t *rest, bytes_t *serial, int *is_negative)
{
    der_element_t number;

    if (!der_take(rest, DER_INTEGER, &number) || !number.contents.len)
        return 0;
    *is_negative = *number.contents.data & 0x80;
    *serial = bytes_without_zeros(number.contents);
    return 1;
}

int revocation_list_take(bytes_t *rest, revocation_list_entry_t *entry)
{
    der_element_t whole;

    memset(entry, 0, sizeof(*entry));
    entry->says.status.cert_status = OCSP_RESPONDER_REVOKED;
    return der_take(rest, DER_SEQUENCE, &whole)
        && take_serial(&whole.contents, &entry->serial, &entry->is_negative)
        && take_time(&whole.contents, &entry->says.status.revocation_time)
        && crl_extension_read_entry(whole.contents, &entry->says);
}

/* What stands at a place, and behind it. */
static bytes_t rest_at(const revocation_list_t *list, apr_uint32_t place)
{
    const bytes_t rest = { list->der.data + place, list->der.len - place };

    return rest;
}

static apr_uint32_t issuer_at(const revocation_list_t *list, apr_uint32_t place)
{
    int first = 0, behind = list->runs->nelts;

    while (behind - first > 1) {
        const int middle = first + (behind - first) / 2;

        if (APR_ARRAY_IDX(list->runs, middle, run_t).from <= place)
            first = middle;
        else
            behind = middle;
    }
    return APR_ARRAY_IDX(list->runs, first, run_t).issuer;
}

static int is_entry_of(const void *data, apr_uint32_t place,
                       apr_uint32_t issuer, bytes_t serial)
{
    const revocation_list_t *list = data;
    bytes_t rest = rest_at(list, place), own;
    der_element_t whole;
    int is_negative;

    return der_take(&rest, DER_SEQUENCE, &whole)
        && take_serial(&whole.contents, &own, &is_negative)
        && bytes_equal(serial, own) && issuer_at(list, place) == issuer;
}

/* -- kept ------------------------------------------------------------------ */

static apr_size_t count_entries(bytes_t entries)
{
    apr_size_t count = 0;
    der_element_t entry;

    while (der_take(&entries, DER_SEQUENCE, &entry))
        count++;
    return count;
}

/* Which of the issuers it is; made one if it is new. -1: there are too many. */
static int issuer_of(revocation_list_t *list, bytes_t name)
{
    int i;

    for (i = 0; i < list->issuers->nelts; i++)
        if (bytes_equal(name, APR_ARRAY_IDX(list->issuers, i, bytes_t)))
            return i;
    if (i == MAX_ISSUERS)
        return -1;
    APR_ARRAY_PUSH(list->issuers, bytes_t) = name;
    return i;
}

/* Begins a run where an entry names an issuer: it stays that of the entries
 * behind it (RFC 5280 §5.3.3). 0 when there are too many. */
static int change_issuer(revocation_list_t *list, apr_uint32_t place,
                         bytes_t name)
{
    const int issuer = issuer_of(list, name);
    run_t *run;

    if (!list->says.is_indirect)
        list->says.unusable =
            "it names other issuers' certificates, though it does "
            "not say that it is indirect";
    if (issuer < 0)
        return 0;
    run = &APR_ARRAY_IDX(list->runs, list->runs->nelts - 1, run_t);
    if (run->issuer == (apr_uint32_t)issuer)
        return 1;
    run = apr_array_push(list->runs);
    run->from = place;
    run->issuer = (apr_uint32_t)issuer;
    return 1;
}

/* Of two entries for one serial: rather one that revokes than one that lifts a
 * hold, and rather the earlier. */
static int revocation_list_is_preferred(const revocation_list_entry_t *one,
                                        const revocation_list_entry_t *other)
{
    const int lifts = one->says.status.reason == CRL_REASON_REMOVE_FROM_CRL;
    const int other_lifts =
        other->says.status.reason == CRL_REASON_REMOVE_FROM_CRL;

    return lifts == other_lifts
        ? one->says.status.revocation_time < other->says.status.revocation_time
        : other_lifts;
}

static void revocation_list_keep(revocation_list_t *list, apr_uint32_t place,
                                 const revocation_list_entry_t *entry)
{
    apr_uint32_t *kept =
        serial_map_put(list->places, issuer_at(list, place), entry->serial);
    revocation_list_entry_t other;
    bytes_t rest;

    list->count++;
    if (*kept != SERIAL_MAP_NONE) {
        rest = rest_at(list, *kept);
        if (revocation_list_take(&rest, &other)
            && !revocation_list_is_preferred(entry, &other))
            return;
    }
    *kept = place;
}

static const char *revocation_list_add_entry(revocation_list_t *list,
                                             bytes_t *rest)
{
    const apr_uint32_t place = (apr_uint32_t)(rest->data - list->der.data);
    revocation_list_entry_t entry;

    if (!revocation_list_take(rest, &entry))
        return "an entry of the CRL cannot be read";
    if (entry.says.unusable)
        list->says.unusable = entry.says.unusable;
    if (entry.says.issuer.data
        && !change_issuer(list, place, entry.says.issuer))
        return "the CRL is about too many CAs' certificates";
    if (!entry.is_negative) /* nobody can ask for such a serial */
        revocation_list_keep(list, place, &entry);
    return NULL;
}

/* NULL, or what is wrong. */
static const char *add_entries(apr_pool_t *pool, revocation_list_t *list,
                               bytes_t entries)
{
    static const run_t first = { 0, 0 };
    const char *why = NULL;

    list->entries = entries;
    APR_ARRAY_PUSH(list->issuers, bytes_t) = list->issuer;
    APR_ARRAY_PUSH(list->runs, run_t) = first;
    list->places =
        serial_map_create(pool, count_entries(entries), is_entry_of, list);
    if (!list->places)
        return "there is not enough memory for the CRL";
    while (!why && entries.len > 0)
        why = revocation_list_add_entry(list, &entries);
    return why;
}

/* -- the list -------------------------------------------------------------- */

/* The version, which v1 lacks, is v2 (RFC 5280 §5.1.2.1): what another means,
 * nobody knows. */
static int take_version(bytes_t *tbs)
{
    static const unsigned char v2[] = { 1 };
    der_element_t element;

    return !is_next(*tbs, DER_INTEGER)
        || (der_take(tbs, DER_INTEGER, &element)
            && bytes_are(element.contents, v2, sizeof(v2)));
}

/* Takes what stands before the entries. */
static int take_head(revocation_list_t *list, bytes_t *tbs)
{
    der_element_t element;

    if (!take_version(tbs) || !der_take(tbs, DER_SEQUENCE, &element)
        || !bytes_equal(element.whole, list->algorithm)
        || !der_take(tbs, DER_SEQUENCE, &element))
        return 0;
    list->issuer = element.whole;
    if (!take_time(tbs, &list->this_update))
        return 0;
    return (!is_next(*tbs, DER_UTC_TIME)
            && !is_next(*tbs, DER_GENERALIZED_TIME))
        || take_time(tbs, &list->next_update);
}

/* What is behind the head: the entries, which are parsed last, as the list's
 * extensions say how. */
static const char *revocation_list_read_body(
    apr_pool_t *pool, revocation_list_t *list, bytes_t tbs)
{
    der_element_t entries = { { NULL, 0 }, { NULL, 0 } }, element;

    crl_extension_init(&list->says);
    der_take(&tbs, DER_SEQUENCE, &entries);
    if (is_next(tbs, DER_CONTEXT(0))
        && (!der_take(&tbs, DER_CONTEXT(0), &element)
            || !crl_extension_read_list(element.contents, &list->says)))
        return UNREADABLE;
    return tbs.len == 0 ? add_entries(pool, list, entries.contents)
                        : UNREADABLE;
}

/* Takes a signed structure apart. */
static int take_signed(revocation_list_t *list, bytes_t *rest, bytes_t *tbs)
{
    der_element_t whole, element;

    if (!der_take(rest, DER_SEQUENCE, &whole) || whole.whole.len > MAX_SIZE
        || !der_take(&whole.contents, DER_SEQUENCE, &element))
        return 0;
    list->der = whole.whole;
    list->tbs = element.whole;
    *tbs = element.contents;
    if (!der_take(&whole.contents, DER_SEQUENCE, &element))
        return 0;
    list->algorithm = element.whole;
    list->signature = whole.contents;
    return der_only(whole.contents, DER_BIT_STRING, &element);
}

const revocation_list_t *revocation_list_parse(apr_pool_t *pool, bytes_t *rest,
                                               const char **why)
{
    revocation_list_t *list = apr_pcalloc(pool, sizeof(*list));
    const char *fault = UNREADABLE;
    bytes_t tbs;

    list->issuers = apr_array_make(pool, 1, sizeof(bytes_t));
    list->runs = apr_array_make(pool, 1, sizeof(run_t));
    if (take_signed(list, rest, &tbs) && take_head(list, &tbs))
        fault = revocation_list_read_body(pool, list, tbs);
    if (!fault)
        return list;
    *why = fault;
    return NULL;
}

int revocation_list_find(const revocation_list_t *list, int n, bytes_t serial,
                         revocation_list_entry_t *entry)
{
    const apr_uint32_t place =
        serial_map_find(list->places, (apr_uint32_t)n, serial);
    bytes_t rest;

    if (place == SERIAL_MAP_NONE)
        return 0;
    rest = rest_at(list, place);
    return revocation_list_take(&rest, entry);
}

int revocation_list_compare(bytes_t one, bytes_t other)
{
    if (!one.data || !other.data)
        return (one.data != NULL) - (other.data != NULL);
    if (one.len != other.len)
        return one.len < other.len ? -1 : 1;
    return one.len ? memcmp(one.data, other.data, one.len) : 0;
}
