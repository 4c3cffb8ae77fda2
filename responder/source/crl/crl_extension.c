/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/crl_extension.h"

#include <string.h>
#include "base/asn1_time.h"
#include "base/der_reader.h"

/* A reason may be as high as aACompromise. */
#define MAX_REASON 10

/* Reads an extension's value into the structure that is filled. 0 when it
 * cannot be read. */
typedef int (*reader_t)(bytes_t value, void *into);

/* All are below id-ce, 2.5.29. */
typedef struct {
    unsigned char number;
    reader_t read; /* NULL: of no interest */
} known_t;

static int is_true(bytes_t boolean)
{
    return boolean.len == 1 && *boolean.data != 0;
}

/* -- the walk -------------------------------------------------------------- */

static const known_t *crl_extension_find(bytes_t oid, const known_t *known)
{
    for (; known->number; known++) {
        const unsigned char der[] = { 0x55, 0x1D, known->number };

        if (bytes_are(oid, der, sizeof(der)))
            return known;
    }
    return NULL;
}

/* Reads every extension that is in the table, which ends with number 0. One
 * that is critical and not in it sets *unusable, and so does one that is there
 * twice, which RFC 5280 §4.2 forbids: nobody knows which counts. */
static int crl_extension_read_all(bytes_t der, const known_t *table, void *into,
                                  const char **unusable)
{
    der_element_t list;
    unsigned seen = 0;

    if (!der_only(der, DER_SEQUENCE, &list))
        return 0;
    while (list.contents.len > 0) {
        der_extension_t extension;
        const known_t *known;

        if (!der_take_extension(&list.contents, &extension))
            return 0;
        known = crl_extension_find(extension.oid, table);
        if (!known && extension.is_critical)
            *unusable = "it has a critical extension that is not known here";
        if (known && seen & 1U << (known - table))
            *unusable = "it has an extension twice";
        if (known)
            seen |= 1U << (known - table);
        if (known && known->read && !known->read(extension.value, into))
            return 0;
    }
    return 1;
}

/* -- of a list ------------------------------------------------------------- */

/* A number that is not negative. */
static int crl_extension_read_number(bytes_t value, bytes_t *number)
{
    der_element_t element;

    if (!der_only(value, DER_INTEGER, &element) || !element.contents.len
        || *element.contents.data & 0x80)
        return 0;
    *number = bytes_without_zeros(element.contents);
    return 1;
}

static int read_crl_number(bytes_t value, void *into)
{
    return crl_extension_read_number(value,
                                     &((crl_extensions_t *)into)->number);
}

static int read_delta(bytes_t value, void *into)
{
    return crl_extension_read_number(value,
                                     &((crl_extensions_t *)into)->base_number);
}

/* ReasonFlags, a BIT STRING: how many bits of it are unused, and the bits. */
static unsigned crl_extension_read_reasons(bytes_t flags)
{
    const unsigned first = flags.len > 1 ? flags.data[1] : 0;
    const unsigned second = flags.len > 2 ? flags.data[2] : 0;

    return (first << 8 | second) & CRL_EXTENSION_ALL_REASONS;
}

/* A field of IssuingDistributionPoint, RFC 5280 §5.2.5. */
static void read_scope_field(crl_extensions_t *extensions, int tag,
                             bytes_t contents)
{
    switch (tag) {
    case DER_CONTEXT(0): /* distributionPoint */
        extensions->is_part = 1;
        break;
    case DER_IMPLICIT(1): /* onlyContainsUserCerts */
        if (is_true(contents))
            extensions->ca_reasons = 0;
        break;
    case DER_IMPLICIT(2): /* onlyContainsCACerts */
        if (is_true(contents))
            extensions->user_reasons = 0;
        break;
    case DER_IMPLICIT(3): /* onlySomeReasons */
        extensions->user_reasons &= crl_extension_read_reasons(contents);
        extensions->ca_reasons &= crl_extension_read_reasons(contents);
        break;
    case DER_IMPLICIT(4): /* indirectCRL */
        extensions->is_indirect = is_true(contents);
        break;
    case DER_IMPLICIT(5): /* onlyContainsAttributeCerts */
        if (is_true(contents))
            extensions->unusable = "it is about attribute certificates only";
        break;
    default:
        extensions->unusable = "its issuingDistributionPoint has a field that "
                               "is not known here";
    }
}

static int read_scope(bytes_t value, void *into)
{
    crl_extensions_t *extensions = into;
    der_element_t point, element;
    bytes_t fields;

    if (!der_only(value, DER_SEQUENCE, &point))
        return 0;
    extensions->scope = point.whole;
    for (fields = point.contents; fields.len > 0;) {
        const int tag = *fields.data;

        if (!der_take(&fields, tag, &element))
            return 0;
        read_scope_field(extensions, tag, element.contents);
    }
    return 1;
}

/* AuthorityKeyIdentifier, RFC 5280 §4.2.1.1. One that cannot be read, which
 * would be no reason to refuse a certificate either, names no key. */
static int read_key_id(bytes_t value, void *into)
{
    crl_extensions_t *extensions = into;
    der_element_t identifier, key;

    if (der_only(value, DER_SEQUENCE, &identifier)
        && der_take(&identifier.contents, DER_IMPLICIT(0), &key))
        extensions->key_id = key.contents;
    return 1;
}

void crl_extension_init(crl_extensions_t *extensions)
{
    memset(extensions, 0, sizeof(*extensions));
    extensions->user_reasons = CRL_EXTENSION_ALL_REASONS;
    extensions->ca_reasons = CRL_EXTENSION_ALL_REASONS;
}

int crl_extension_read_list(bytes_t der, crl_extensions_t *extensions)
{
    static const known_t known[] = {
        { 20, read_crl_number }, { 27, read_delta }, { 28, read_scope },
        { 35, read_key_id },     { 0, NULL },
    };

    return crl_extension_read_all(der, known, extensions,
                                  &extensions->unusable);
}

/* -- of an entry ----------------------------------------------------------- */

static int crl_extension_read_reason(bytes_t value, void *into)
{
    crl_entry_extensions_t *extensions = into;
    der_element_t element;

    if (!der_only(value, DER_ENUMERATED, &element) || element.contents.len != 1
        || *element.contents.data > MAX_REASON)
        return 0;
    extensions->status.reason = *element.contents.data;
    return 1;
}

static int read_invalidity(bytes_t value, void *into)
{
    crl_entry_extensions_t *extensions = into;
    der_element_t element;

    extensions->status.has_invalidity_date = 1;
    return der_only(value, DER_GENERALIZED_TIME, &element)
        && asn1_time_read((const char *)element.contents.data,
                          element.contents.len,
                          &extensions->status.invalidity_date);
}

/* GeneralNames: the first directoryName [4]. */
static int read_issuer(bytes_t value, void *into)
{
    crl_entry_extensions_t *extensions = into;
    der_element_t names, element, name;

    if (!der_only(value, DER_SEQUENCE, &names))
        return 0;
    while (names.contents.len > 0) {
        const int tag = *names.contents.data;

        if (!der_take(&names.contents, tag, &element))
            return 0;
        if (tag == DER_CONTEXT(4)
            && der_only(element.contents, DER_SEQUENCE, &name)) {
            extensions->issuer = name.whole;
            return 1;
        }
    }
    return 0;
}

int crl_extension_read_entry(bytes_t der, crl_entry_extensions_t *extensions)
{
    static const known_t known[] = {
        { 21, crl_extension_read_reason }, { 23, NULL }, /* holdInstructionCode
                                                          */
        { 24, read_invalidity },           { 29, read_issuer }, { 0, NULL },
    };

    return der.len == 0
        || crl_extension_read_all(der, known, extensions,
                                  &extensions->unusable);
}
