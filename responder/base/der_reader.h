/* SPDX-License-Identifier: Apache-2.0
 * DER elements as they were sent, which OpenSSL's objects no longer show. */
#ifndef RESPONDER_DER_READER_H
#define RESPONDER_DER_READER_H

#include "apr.h"
#include "base/bytes.h"

#define DER_BOOLEAN          0x01
#define DER_INTEGER          0x02
#define DER_BIT_STRING       0x03
#define DER_OCTET_STRING     0x04
#define DER_NULL             0x05
#define DER_OBJECT           0x06
#define DER_ENUMERATED       0x0A
#define DER_UTC_TIME         0x17
#define DER_GENERALIZED_TIME 0x18
#define DER_SEQUENCE         0x30
#define DER_IMPLICIT(n)      (0x80 + (n))
#define DER_CONTEXT(n)       (0xA0 + (n))

/* Tag, length of the length, and a length of up to four bytes. */
#define DER_HEADER_MAX 6

/* Borrowed from the bytes it was found in. */
typedef struct {
    bytes_t whole;
    bytes_t contents;
} der_element_t;

/* Bytes of the element that bytes begin with, its header included; 0 when
 * they do not begin with tag and a definite length in its shortest form. The
 * contents need not be there. */
static inline apr_uint64_t der_size(bytes_t bytes, int tag, apr_size_t *header)
{
    const unsigned char *p = bytes.data;
    apr_uint64_t length = 0;
    apr_size_t i, more;

    if (bytes.len < 2 || p[0] != tag)
        return 0;
    if (p[1] < 0x80) {
        *header = 2;
        return 2 + p[1];
    }
    more = p[1] & 0x7F;
    if (more < 1 || more > DER_HEADER_MAX - 2 || bytes.len < 2 + more
        || p[2] == 0)
        return 0;
    for (i = 0; i < more; i++)
        length = length << 8 | p[2 + i];
    *header = 2 + more;
    return length < 0x80 ? 0 : *header + length;
}

/* Takes the element that *rest begins with off it; 0 when it is not there. */
static inline int der_take(bytes_t *rest, int tag, der_element_t *element)
{
    apr_size_t header = 0;
    apr_uint64_t size = der_size(*rest, tag, &header);

    if (!size || size > rest->len)
        return 0;
    element->whole.data = rest->data;
    element->whole.len = (apr_size_t)size;
    element->contents.data = rest->data + header;
    element->contents.len = (apr_size_t)size - header;
    rest->data += size;
    rest->len -= (apr_size_t)size;
    return 1;
}

/* Whether bytes are one element and nothing else. */
static inline int der_only(bytes_t bytes, int tag, der_element_t *element)
{
    return der_take(&bytes, tag, element) && bytes.len == 0;
}

/* Whether parameters are left out, or are the NULL that stands for none. */
static inline int der_is_none(bytes_t parameters)
{
    static const unsigned char null[] = { DER_NULL, 0 };

    return parameters.len == 0 || bytes_are(parameters, null, sizeof(null));
}

/* An Extension (RFC 5280 §4.1). */
typedef struct {
    bytes_t oid; /* without its header, and whatever its bytes are */
    int is_critical;
    bytes_t value;
} der_extension_t;

/* Takes one off *list; 0 when it is not there. critical may be written out
 * where it is FALSE, and any byte but zero is TRUE: what is unknown is rather
 * refused. */
static inline int der_take_extension(bytes_t *list, der_extension_t *extension)
{
    der_element_t whole, oid, critical, value;

    if (!der_take(list, DER_SEQUENCE, &whole)
        || !der_take(&whole.contents, DER_OBJECT, &oid))
        return 0;
    extension->oid = oid.contents;
    extension->is_critical = 0;
    if (der_take(&whole.contents, DER_BOOLEAN, &critical)) {
        if (critical.contents.len != 1)
            return 0;
        extension->is_critical = *critical.contents.data != 0;
    }
    if (!der_only(whole.contents, DER_OCTET_STRING, &value))
        return 0;
    extension->value = value.contents;
    return 1;
}

#endif
