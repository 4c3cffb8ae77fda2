/* SPDX-License-Identifier: Apache-2.0
 * DER, written from its end to its start: what a header counts is there before
 * the header is, so nothing is measured beforehand. */
#ifndef RESPONDER_DER_WRITER_H
#define RESPONDER_DER_WRITER_H

#include <string.h>
#include "apr_pools.h"
#include "apr_time.h"
#include "base/bytes.h"
#include "base/calendar.h"
#include "base/der_reader.h"

/* The last len bytes of size are written. A mark is a len of before. */
typedef struct {
    apr_pool_t *pool;
    unsigned char *bytes;
    apr_size_t size;
    apr_size_t len;
    const char *why; /* a literal, once something could not be
                      * written; the rest is then of no use */
} der_out_t;

/* In pool. size is a guess; more is made when it is not enough. */
static inline der_out_t der_out(apr_pool_t *pool, apr_size_t size)
{
    der_out_t out = { .pool = pool, .size = size };

    out.bytes = apr_palloc(pool, size);
    return out;
}

/* What is written, until more is. */
static inline bytes_t der_out_bytes(const der_out_t *out)
{
    bytes_t bytes = { out->bytes + out->size - out->len, out->len };

    return bytes;
}

static inline void der_out_grow(der_out_t *out, apr_size_t len)
{
    der_out_t grown = der_out(out->pool, 2 * out->size + len);

    memcpy(grown.bytes + grown.size - out->len,
           out->bytes + out->size - out->len, out->len);
    out->bytes = grown.bytes;
    out->size = grown.size;
}

static inline void der_put(der_out_t *out, const void *bytes, apr_size_t len)
{
    if (out->size - out->len < len)
        der_out_grow(out, len);
    out->len += len;
    if (len)
        memcpy(out->bytes + out->size - out->len, bytes, len);
}

static inline void der_put_bytes(der_out_t *out, bytes_t bytes)
{
    der_put(out, bytes.data, bytes.len);
}

static inline void der_put_byte(der_out_t *out, int byte)
{
    const unsigned char c = (unsigned char)byte;

    der_put(out, &c, 1);
}

/* Makes what was put since mark one element. */
static inline void der_put_header(der_out_t *out, int tag, apr_size_t mark)
{
    apr_size_t len = out->len - mark, rest;
    int more = 0;

    if (len < 0x80) {
        der_put_byte(out, (int)len);
    }
    else {
        for (rest = len; rest; rest >>= 8, more++)
            der_put_byte(out, rest & 0xFF);
        der_put_byte(out, 0x80 | more);
    }
    der_put_byte(out, tag);
}

/* contents are an OBJECT IDENTIFIER's. */
static inline void der_put_oid(der_out_t *out, bytes_t contents)
{
    const apr_size_t mark = out->len;

    der_put_bytes(out, contents);
    der_put_header(out, DER_OBJECT, mark);
}

static inline void der_put_two(der_out_t *out, int number)
{
    der_put_byte(out, '0' + number % 10);
    der_put_byte(out, '0' + number / 10);
}

/* A GeneralizedTime without a fraction, which is cut. */
static inline void der_put_time(der_out_t *out, apr_time_t time)
{
    const apr_size_t mark = out->len;
    int part[CALENDAR_PARTS], i;

    calendar_parts(part, apr_time_sec(time));
    if (part[0] < 0 || part[0] > 9999) {
        out->why = "a time is not of the years 0 to 9999";
        return;
    }
    der_put_byte(out, 'Z');
    for (i = CALENDAR_PARTS - 1; i > 0; i--)
        der_put_two(out, part[i]);
    der_put_two(out, part[0] % 100);
    der_put_two(out, part[0] / 100);
    der_put_header(out, DER_GENERALIZED_TIME, mark);
}

#endif
