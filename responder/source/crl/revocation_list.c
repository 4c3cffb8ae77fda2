/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/revocation_list.h"

#include "base/asn1_time.h"
#include "base/der_reader.h"
#include "ocsp/crl_reason.h"
#include "source/crl/crl_extension.h"

#define DER_BIT_STRING       0x03
#define DER_UTC_TIME         0x17
#define DER_GENERALIZED_TIME 0x18

/* How many issuers an indirect list may speak for: each is searched for. */
#define MAX_PARTS 1000

/* Bytes of an entry, at least: two headers, a serial and a time. */
#define SMALLEST_ENTRY 20

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

/* The list that is made, and whose entries come next. */
typedef struct {
    apr_pool_t *pool;
    revocation_list_t *list;
    apr_size_t about; /* entries to expect */
    serial_map_t *revoked;
    const char *why;
} maker_t;

static serial_map_t *part_of(maker_t *maker, bytes_t issuer)
{
    apr_array_header_t *parts = maker->list->parts;
    revocation_list_part_t part = { issuer, NULL };
    int i;

    for (i = 0; i < parts->nelts; i++) {
        const revocation_list_part_t *known =
            &APR_ARRAY_IDX(parts, i, revocation_list_part_t);

        if (bytes_equal(issuer, known->issuer.data, known->issuer.len))
            return known->revoked;
    }
    if (i < MAX_PARTS)
        part.revoked = serial_map_create(maker->pool, maker->about);
    if (part.revoked)
        APR_ARRAY_PUSH(parts, revocation_list_part_t) = part;
    maker->about = 0; /* only the first is sure to be large */
    return part.revoked;
}

/* Of two entries for one serial: rather one that revokes than one that lifts a
 * hold, and rather the earlier. */
static int is_preferred(int reason, apr_time_t time,
                        const serial_map_entry_t *entry)
{
    const int lifts = reason == CRL_REASON_REMOVE_FROM_CRL;
    const int entry_lifts = entry->reason == CRL_REASON_REMOVE_FROM_CRL;

    return lifts == entry_lifts ? time < entry->time : entry_lifts;
}

static int keep(maker_t *maker, bytes_t serial, apr_time_t time,
                const crl_entry_extensions_t *extensions)
{
    int is_new;
    serial_map_entry_t *entry = serial_map_add(maker->revoked, serial, &is_new);

    if (!entry)
        return 0;
    maker->list->count++;
    if (!is_new && !is_preferred(extensions->reason, time, entry))
        return 1;
    entry->time = time;
    entry->reason = (apr_byte_t)extensions->reason;
    entry->detail = SERIAL_MAP_NONE;
    if (extensions->has_invalidity_date) {
        apr_array_header_t *dates = maker->list->invalidity_dates;

        APR_ARRAY_PUSH(dates, apr_time_t) = extensions->invalidity_date;
        entry->detail = (apr_uint32_t)dates->nelts;
    }
    return 1;
}

/* Whose certificate an entry with these extensions is about. */
static int choose_part(maker_t *maker, const crl_entry_extensions_t *extensions)
{
    if (!extensions->issuer.data)
        return 1;
    if (!maker->list->is_indirect)
        maker->list->unusable = "it names other issuers' certificates, though "
                                "it does not say that it is indirect";
    maker->revoked = part_of(maker, extensions->issuer);
    return maker->revoked != NULL;
}

static int add_entry(maker_t *maker, bytes_t *rest)
{
    crl_entry_extensions_t extensions = { .reason = 0 };
    der_element_t entry, serial;
    apr_time_t time;

    if (!der_take(rest, DER_SEQUENCE, &entry)
        || !der_take(&entry.contents, DER_INTEGER, &serial)
        || !serial.contents.len || !take_time(&entry.contents, &time)
        || !crl_extension_read_entry(entry.contents, &extensions)) {
        maker->why = "an entry of the CRL cannot be read";
        return 0;
    }
    if (extensions.unusable)
        maker->list->unusable = extensions.unusable;
    maker->why = "there is not enough memory for the CRL";
    if (!choose_part(maker, &extensions))
        return 0;
    if (*serial.contents.data & 0x80) /* nobody can ask for it */
        return 1;
    while (serial.contents.len && !*serial.contents.data) {
        serial.contents.data++;
        serial.contents.len--;
    }
    return keep(maker, serial.contents, time, &extensions);
}

static int add_entries(maker_t *maker, bytes_t entries)
{
    maker->about = entries.len / SMALLEST_ENTRY / 2;
    maker->revoked = part_of(maker, maker->list->issuer);
    if (!maker->revoked) {
        maker->why = "there is not enough memory for the CRL";
        return 0;
    }
    while (entries.len > 0) {
        if (!add_entry(maker, &entries))
            return 0;
    }
    return 1;
}

/* -- the list -------------------------------------------------------------- */

/* Takes what stands before the entries. */
static int take_head(revocation_list_t *list, bytes_t *tbs)
{
    der_element_t element;

    der_take(tbs, DER_INTEGER, &element); /* the version, which v1 lacks */
    if (!der_take(tbs, DER_SEQUENCE, &element)
        || !bytes_equal(element.whole, list->algorithm.data,
                        list->algorithm.len)
        || !der_take(tbs, DER_SEQUENCE, &element))
        return 0;
    list->issuer = element.whole;
    if (!take_time(tbs, &list->this_update))
        return 0;
    return (!is_next(*tbs, DER_UTC_TIME)
            && !is_next(*tbs, DER_GENERALIZED_TIME))
        || take_time(tbs, &list->next_update);
}

static void apply_extensions(revocation_list_t *list,
                             const crl_extensions_t *extensions)
{
    list->number = extensions->number;
    list->base_number = extensions->base_number;
    list->scope = extensions->scope;
    list->user_reasons = extensions->user_reasons;
    list->ca_reasons = extensions->ca_reasons;
    list->is_part = extensions->is_part;
    list->is_indirect = extensions->is_indirect;
    list->unusable = extensions->unusable;
}

/* What is behind the head: the entries, which are parsed last, as the list's
 * extensions say how. */
static int read_body(maker_t *maker, bytes_t tbs)
{
    crl_extensions_t extensions;
    der_element_t entries = { { NULL, 0 }, { NULL, 0 } }, element;

    crl_extension_init(&extensions);
    der_take(&tbs, DER_SEQUENCE, &entries);
    if (is_next(tbs, DER_CONTEXT(0))
        && (!der_take(&tbs, DER_CONTEXT(0), &element)
            || !crl_extension_read_list(element.contents, &extensions)))
        return 0;
    apply_extensions(maker->list, &extensions);
    return tbs.len == 0 && add_entries(maker, entries.contents);
}

/* Takes a signed structure apart. */
static int take_signed(revocation_list_t *list, bytes_t *rest, bytes_t *tbs)
{
    der_element_t whole, element;

    if (!der_take(rest, DER_SEQUENCE, &whole)
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
    maker_t maker = { .pool = pool,
                      .list = list,
                      .why = "it cannot be read as a CRL" };
    bytes_t tbs;

    list->parts = apr_array_make(pool, 1, sizeof(revocation_list_part_t));
    list->invalidity_dates = apr_array_make(pool, 1, sizeof(apr_time_t));
    if (take_signed(list, rest, &tbs) && take_head(list, &tbs)
        && read_body(&maker, tbs))
        return list;
    *why = maker.why;
    return NULL;
}

apr_time_t revocation_list_invalidity(const revocation_list_t *list,
                                      const serial_map_entry_t *entry, int *has)
{
    *has = entry->detail != SERIAL_MAP_NONE;
    return *has
        ? APR_ARRAY_IDX(list->invalidity_dates, entry->detail - 1, apr_time_t)
        : 0;
}

int revocation_list_compare(bytes_t one, bytes_t other)
{
    if (!one.data || !other.data)
        return (one.data != NULL) - (other.data != NULL);
    if (one.len != other.len)
        return one.len < other.len ? -1 : 1;
    return one.len ? memcmp(one.data, other.data, one.len) : 0;
}
