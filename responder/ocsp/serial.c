/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/serial.h"

#include <stdio.h>
#include <string.h>
#include <openssl/evp.h>
#include "apr_escape.h"
#include "apr_lib.h"
#include "apr_strings.h"

#include "base/der_reader.h"

/* The column holds 64 characters; SQLite, which does not enforce it, more. */
#define MAX_DIGITS 128

static const char *without_zeros(const char *hex)
{
    hex += strspn(hex, "0");
    return *hex ? hex : "0";
}

/* -- as people write them -------------------------------------------------- */

/* Groups are pairs; the first or the last may be short. One in the middle
 * could be read as a digit or as an octet. */
static int group_fits(int size, int is_first, int is_last)
{
    return size == 2 || (size == 1 && (is_first || is_last));
}

const char *serial_parse(apr_pool_t *pool, const char *text)
{
    char *hex = apr_palloc(pool, strlen(text) + 1), *to = hex;
    int groups = 0, size = 0;

    for (; *text; text++) {
        if (*text == ':') {
            if (!group_fits(size, groups == 0, 0))
                return NULL;
            groups++;
            size = 0;
        }
        else if (apr_isxdigit(*text)) {
            *to++ = (char)apr_toupper(*text);
            size++;
        }
        else if (*text != 'L' || text[1] || (to - hex) % 2 == 0)
            return NULL;
    }
    *to = '\0';
    if (groups ? !group_fits(size, 0, 1) : size == 0)
        return NULL;
    return without_zeros(hex);
}

int serial_was_meant(const char *text)
{
    int only_hex = text[strspn(text, "0123456789ABCDEFabcdef:")] == '\0';
    int short_groups = 1, colons = 0, size = 0;

    for (; *text; text++) {
        if (*text == ':') {
            colons++;
            size = 0;
        }
        else if (!apr_isalnum(*text) || ++size > 3)
            short_groups = 0;
    }
    return colons && (only_hex || short_groups);
}

/* -- as they are stored ---------------------------------------------------- */

/* Releases up to 1.6 took the digits in pairs from the left and lost an odd
 * last one; under Python 2 the "L" of a long made the pair complete. What the
 * upgrade to 1.13 did was to take out the colons, nothing else. */
static const struct {
    int only_odd; /* for an odd number of digits */
    int cut;      /* digits lost at the end */
    const char *tail;
} forms[] = {
    { .only_odd = 0, .cut = 0, .tail = "" },
    { .only_odd = 1, .cut = 1, .tail = "" },
    { .only_odd = 1, .cut = 0, .tail = "L" },
};

/* hex as it is, or in pairs with colons between them. */
static char *spell(char *to, const char *hex, apr_size_t length,
                   const char *tail, int colons)
{
    apr_size_t i;

    for (i = 0; i < length; i++) {
        if (colons && i > 0 && i % 2 == 0)
            *to++ = ':';
        *to++ = hex[i];
    }
    if (*tail) {
        if (colons && length % 2 == 0)
            *to++ = ':';
        *to++ = *tail;
    }
    *to++ = '\0';
    return to;
}

/* All of a serial, and how many they are; none for one that is longer than any
 * that can be stored. */
static int list_spellings(apr_pool_t *pool, const char *hex,
                          const char *list[SERIAL_SPELLINGS])
{
    apr_size_t length = strlen(hex), i;
    int count = 0;
    char *to;

    if (length > MAX_DIGITS)
        return 0;
    /* Per form: the digits twice, half as many colons, a tail and an end. */
    to = apr_palloc(pool, sizeof(forms) / sizeof(*forms) * (3 * length + 6));
    for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        int colons;

        if (forms[i].only_odd && length % 2 == 0)
            continue;
        for (colons = 0; colons < 2; colons++) {
            list[count++] = to;
            to = spell(to, hex, length - forms[i].cut, forms[i].tail, colons);
        }
    }
    return count;
}

const char *serial_spellings(apr_pool_t *pool, const char *hex)
{
    const char *list[SERIAL_SPELLINGS];
    int count = list_spellings(pool, hex, list), i;
    /* The digits, colons, "L", quotes and a comma, or an end, of each. */
    char *text = apr_palloc(pool, SERIAL_SPELLINGS * (2 * strlen(hex) + 4));
    char *to = text;

    for (i = 0; i < count; i++)
        to += sprintf(to, "%s'%s'", i ? "," : "", list[i]);
    return count ? text : "NULL";
}

/* Adds spellings; NULL, which equals nothing, for one that is there already: it
 * would find its row twice. */
static int add(const char **arguments, int count, const char *const *spellings,
               int more)
{
    int i, j;

    for (i = 0; i < more; i++) {
        arguments[count + i] = spellings[i];
        for (j = 0; j < count + i; j++) {
            if (arguments[j] && spellings[i]
                && strcmp(arguments[j], spellings[i]) == 0)
                arguments[count + i] = NULL;
        }
    }
    return count + more;
}

/* The same number of them for one that is longer, each NULL. */
static int list_arguments(apr_pool_t *pool, const char *hex,
                          const char *list[SERIAL_SPELLINGS])
{
    int count = list_spellings(pool, hex, list);

    if (count)
        return count;
    memset(list, 0, SERIAL_SPELLINGS * sizeof(*list));
    return strlen(hex) % 2 ? SERIAL_SPELLINGS : SERIAL_SPELLINGS_EVEN;
}

int serial_arguments(apr_pool_t *pool, const char *ca_serial,
                     const char *serial, const char *const **arguments)
{
    const char *cas[SERIAL_SPELLINGS], *leaves[SERIAL_SPELLINGS];
    int ca_count = list_arguments(pool, ca_serial, cas);
    int count = list_arguments(pool, serial, leaves);
    const char **list = apr_palloc(pool, 3 * SERIAL_SPELLINGS * sizeof(*list));

    *arguments = list;
    add(list, 0, leaves, count);
    list += count;
    return count + add(list, add(list, 0, cas, ca_count), leaves, count);
}

/* -- as they stand in a certificate ---------------------------------------- */

/* As much DER as the PEM's whole base64 groups hold; data NULL when there is
 * none. */
static bytes_t der_of_pem(apr_pool_t *pool, bytes_t pem)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    const char *text = apr_pstrmemdup(pool, (const char *)pem.data, pem.len);
    unsigned char *base64 = apr_palloc(pool, pem.len + 1);
    unsigned char *octets = apr_palloc(pool, pem.len + 1);
    bytes_t none = { NULL, 0 }, der = { octets, 0 };
    int length = 0, decoded;

    text = strstr(text, begin);
    if (!text)
        return none;
    for (text += strlen(begin); *text; text++) {
        if (apr_isalnum(*text) || *text == '+' || *text == '/')
            base64[length++] = (unsigned char)*text;
        else if (!apr_isspace(*text))
            break;
    }
    decoded = EVP_DecodeBlock(octets, base64, length - length % 4);
    if (decoded <= 0)
        return none;
    der.len = (apr_size_t)decoded;
    return der;
}

/* Steps behind a header; what it announces need not be there. */
static int enter(bytes_t *octets, int tag, apr_uint64_t *length)
{
    apr_size_t header = 0;
    apr_uint64_t size = octets->data ? der_size(*octets, tag, &header) : 0;

    if (!size)
        return 0;
    octets->data += header;
    octets->len -= header;
    *length = size - header;
    return 1;
}

const char *serial_text(apr_pool_t *pool, const unsigned char *octets,
                        apr_size_t length)
{
    char *hex = apr_palloc(pool, 2 * length + 1), *digit;

    *hex = '\0';
    if (length)
        apr_escape_hex(hex, octets, (apr_ssize_t)length, 0, NULL);
    for (digit = hex; *digit; digit++)
        *digit = (char)apr_toupper(*digit);
    return without_zeros(hex);
}

const char *serial_of_certificate(apr_pool_t *pool, bytes_t octets)
{
    bytes_t der = octets.len && *octets.data != DER_SEQUENCE
        ? der_of_pem(pool, octets)
        : octets;
    apr_uint64_t length;

    if (!enter(&der, DER_SEQUENCE, &length)
        || !enter(&der, DER_SEQUENCE, &length))
        return NULL;
    if (enter(&der, DER_CONTEXT(0), &length)) { /* the version */
        if (length > der.len)
            return NULL;
        der.data += length;
        der.len -= (apr_size_t)length;
    }
    if (!enter(&der, DER_INTEGER, &length) || length < 1 || length > der.len
        || *der.data & 0x80)
        return NULL;
    return serial_text(pool, der.data, (apr_size_t)length);
}
