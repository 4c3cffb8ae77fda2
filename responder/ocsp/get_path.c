/* SPDX-License-Identifier: Apache-2.0
 * From a GET path to the DER in it (RFC 6960 A.1, RFC 9919 §6). */
#include "ocsp/request.h"
#include "base/der_reader.h"
#include "base/hex.h"

#include <string.h>

/* As many characters of base64 as hold a DER header. */
#define HEADER_CHARS 8

/* The part of a decoded path that may be base64, which is its end. */
typedef struct {
    const unsigned char *text;
    apr_size_t start;   /* from here to end all is base64 */
    apr_size_t end;     /* behind it only padding and trailing '/' */
    apr_size_t padding; /* '=' behind end */
    apr_size_t slashes; /* '/' before end that may be no base64; 0 when
                         * there is padding */
} payload_t;

/* By character, of either alphabet: one more than its value in base64, 0 if it
 * has none. A '+' may have become a space. */
static const unsigned char sextets[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,
    ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12,
    ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
    ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63, [' '] = 63, ['/'] = 64,
    ['_'] = 64
};

/* The value of a base64 character, -1 for any other. */
static int sextet(unsigned char c)
{
    return sextets[c] - 1;
}

/* The same of a valid one, and what is before it. */
static apr_uint32_t add_sextet(apr_uint32_t bits, unsigned char c)
{
    return bits << 6 | (apr_uint32_t)sextet(c);
}

/* Base64 characters, padding not counted, that so many bytes take. */
static apr_uint64_t base64_chars(apr_uint64_t bytes)
{
    return (bytes * 4 + 2) / 3;
}

/* Decodes count valid characters; what is left of the last one is dropped.
 * Returns the bytes written. */
static apr_size_t base64_decode(unsigned char *out, const unsigned char *text,
                                apr_size_t count)
{
    apr_uint32_t bits = 0;
    apr_size_t i, n = 0;

    for (; count >= 4; count -= 4, text += 4) {
        bits = add_sextet(add_sextet(0, text[0]), text[1]);
        bits = add_sextet(add_sextet(bits, text[2]), text[3]);
        out[n++] = (unsigned char)(bits >> 16);
        out[n++] = (unsigned char)(bits >> 8);
        out[n++] = (unsigned char)bits;
    }
    for (i = 0; i < count; i++) {
        bits = add_sextet(bits, text[i]);
        if (i)
            out[n++] = (unsigned char)(bits >> (6 - 2 * i));
    }
    return n;
}

/* Undoes the percent-encoding, up to a query. A '%' that encodes nothing
 * stays: it is no base64 and ends what may be a payload. */
static const unsigned char *percent_decode(apr_pool_t *pool, const char *raw,
                                           apr_size_t *len)
{
    apr_size_t i, n = 0, end = strcspn(raw, "?");
    unsigned char *text = apr_palloc(pool, end + 1);

    for (i = 0; i < end; i++) {
        int high = raw[i] == '%' ? hex_digit(raw[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(raw[i + 2]) : -1;

        if (low >= 0)
            i += 2;
        text[n++] = low >= 0 ? high << 4 | low : (unsigned char)raw[i];
    }
    *len = n;
    return text;
}

static payload_t payload_find(const unsigned char *text, apr_size_t len)
{
    payload_t payload = { .text = text, .end = len };
    apr_size_t bare = len, unpadded;

    while (bare > 0 && text[bare - 1] == '/')
        bare--;
    unpadded = bare;
    while (unpadded > 0 && text[unpadded - 1] == '=')
        unpadded--;
    if (unpadded < bare) {
        payload.end = unpadded;
        payload.padding = bare - unpadded;
    }
    else {
        payload.slashes = len - bare;
    }
    payload.start = payload.end;
    while (payload.start > 0 && sextet(text[payload.start - 1]) >= 0)
        payload.start--;
    return payload;
}

/* Whether the rest of have characters is a text of so many characters. */
static int payload_fits(const payload_t *payload, apr_size_t have,
                        apr_uint64_t chars)
{
    if (payload->padding)
        return have == chars && payload->padding < 4
            && (have + payload->padding) % 4 == 0;
    return have >= chars && have - chars <= payload->slashes;
}

/* Judges the rest that begins at start by its first bytes alone, so that a
 * path made of nothing but starts costs no more than another. *size: bytes of
 * the DER, 0 when it is not whole. */
static get_path_t payload_check(const payload_t *payload, apr_size_t start,
                                apr_size_t max_der, apr_size_t *size)
{
    unsigned char head[DER_HEADER_MAX];
    bytes_t bytes = { head, 0 };
    apr_size_t header, have = payload->end - start;
    apr_uint64_t total;

    *size = 0;
    bytes.len = base64_decode(head, payload->text + start,
                              have < HEADER_CHARS ? have : HEADER_CHARS);
    if (bytes.len < 2 || head[0] != DER_SEQUENCE)
        return GET_PATH_NONE;
    total = der_size(bytes, DER_SEQUENCE, &header);
    if (total && payload_fits(payload, have, base64_chars(total))) {
        *size = (apr_size_t)total;
        return total > max_der ? GET_PATH_TOO_LARGE : GET_PATH_FOUND;
    }
    /* A rest that begins like this does not begin in the trailing '/'. */
    return have - payload->slashes > base64_chars(max_der) ? GET_PATH_TOO_LARGE
                                                           : GET_PATH_NONE;
}

get_path_t get_path_read(bytes_t *der, apr_pool_t *pool, const char *raw_path,
                         apr_size_t max_der)
{
    apr_size_t i, len, size;
    const unsigned char *text = percent_decode(pool, raw_path, &len);
    payload_t payload = payload_find(text, len);
    get_path_t verdict, otherwise = GET_PATH_NONE;

    for (i = payload.start ? payload.start : 1; i < payload.end; i++) {
        if (text[i - 1] != '/')
            continue;
        verdict = payload_check(&payload, i, max_der, &size);
        if (verdict == GET_PATH_FOUND) {
            unsigned char *out = apr_palloc(pool, size);

            der->len = base64_decode(out, text + i, base64_chars(size));
            der->data = out;
        }
        if (size)
            return verdict;
        if (verdict == GET_PATH_TOO_LARGE)
            otherwise = verdict; /* unless something shorter is whole */
    }
    return otherwise;
}
