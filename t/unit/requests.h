/* SPDX-License-Identifier: Apache-2.0
 * OCSP requests written by hand, and what request_parse() makes of them. */
#ifndef T_UNIT_REQUESTS_H
#define T_UNIT_REQUESTS_H

#include <openssl/err.h>
#include "handmade.h"
#include "ocsp/request.h"
#include "tap.h"

/* No test needs all of it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"

/* -- requests -------------------------------------------------------------- */

#define SHA1_NULL   "3009 0605 2b0e03021a 0500"
#define SHA1_ABSENT "3007 0605 2b0e03021a"
#define SHA256_NULL "300d 0609 608648016503040201 0500"

/* A CertID of a hash algorithm and the bytes of an INTEGER. */
static bytes_t certid(const char *algorithm, bytes_t serial)
{
    apr_size_t size = strcmp(algorithm, SHA256_NULL) == 0 ? 32 : 20;
    bytes_t name = wrap(0x04, filled(0xA1, size));
    bytes_t key = wrap(0x04, filled(0xA2, size));

    return wrap(
        0x30, join(join(hex(algorithm), join(name, key)), wrap(0x02, serial)));
}

static bytes_t single(const char *serial)
{
    return wrap(0x30, certid(SHA1_NULL, hex(serial)));
}

static bytes_t singles(const char *serial, int count)
{
    bytes_t all = nothing;

    while (count-- > 0)
        all = join(all, single(serial));
    return all;
}

/* An extension; oid and value without their headers. */
static bytes_t extension(const char *oid, const char *critical, bytes_t value)
{
    return wrap(0x30,
                join(join(wrap(0x06, hex(oid)), hex(critical)),
                     wrap(0x04, value)));
}

#define CRITICAL   "0101ff"
#define NONCE      "2b0601050507300102"
#define ACCEPTABLE "2b0601050507300104"
#define BASIC      "0609 2b0601050507300101"
#define UNKNOWN    "2a030405"

static bytes_t nonce(bytes_t value)
{
    return extension(NONCE, "", wrap(0x04, value));
}

/* OCSPRequest of a requestList's contents and requestExtensions' contents. */
static bytes_t ocsp_request(bytes_t list, bytes_t extensions)
{
    bytes_t tbs = wrap(0x30, list);

    if (extensions.len)
        tbs = join(tbs, wrap(0xA2, wrap(0x30, extensions)));
    return wrap(0x30, wrap(0x30, tbs));
}

static bytes_t simple(void)
{
    return ocsp_request(single("01 23"), nothing);
}

/* -- what becomes of them -------------------------------------------------- */

#define MAX_CERTIDS 16

static const request_t *parse(bytes_t der)
{
    const char *why = "(not set)";
    const request_t *request = request_parse(pool, der, MAX_CERTIDS, &why);

    if (!request && (!why || strcmp(why, "(not set)") == 0))
        ok(0, "a refusal says why");
    if (ERR_peek_error())
        ok(0, "OpenSSL's error queue is left empty");
    return request;
}

static void refused(bytes_t der, const char *expected, const char *name)
{
    const char *why = "(not set)";
    const request_t *request = request_parse(pool, der, MAX_CERTIDS, &why);

    is(request ? "accepted" : why, expected, name);
    ok(ERR_peek_error() == 0, "… and leaves no OpenSSL error");
}

#define NOT_ONE       "not one OCSPRequest in DER"
#define NOT_LIST      "requestList is not DER"
#define BAD_CERTID    "a CertID is not DER"
#define BAD_EXTENSION "an extension is not DER"

#define IN_REQUEST "unknown critical extension in the request"
#define IN_SINGLE  "unknown critical extension in a single request"

static void accepted(bytes_t der, const char *name)
{
    ok(parse(der), "%s", name);
}

/* As accepted(), or as refused() where there is a why. */
static void expected(bytes_t der, const char *why, const char *name)
{
    if (why)
        refused(der, why, name);
    else
        accepted(der, name);
}

#pragma GCC diagnostic pop

#endif
