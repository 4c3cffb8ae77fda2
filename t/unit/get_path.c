/* SPDX-License-Identifier: Apache-2.0
 * get_path_read(): the payload in every spelling of a path. */
#include <stdio.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/evp.h>
#include "handmade.h"
#include "ocsp/request.h"
#include "tap.h"

#define MAX_DER 8192

/* An OCSPRequest of one SHA-1 CertID. Its base64 has padding. */
static bytes_t request(void)
{
    bytes_t id = hex("3009 0605 2b0e03021a 0500"
                     "0414 000102030405060708090a0b0c0d0e0f10111213"
                     "0414 fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedec"
                     "0204 0badcafe");

    return wrap(0x30, wrap(0x30, wrap(0x30, wrap(0x30, wrap(0x30, id)))));
}

static char *base64(bytes_t der)
{
    char *out = apr_palloc(pool, der.len / 3 * 4 + 8);

    EVP_EncodeBlock((unsigned char *)out, der.data, (int)der.len);
    return out;
}

/* Replaces every c by text. */
static char *replace(const char *in, char c, const char *text)
{
    char *out = apr_palloc(pool, strlen(in) * 3 + 1), *p = out;

    for (; *in; in++) {
        if (*in == c)
            p = apr_cpystrn(p, text, strlen(text) + 1);
        else
            *p++ = *in;
    }
    *p = '\0';
    return out;
}

static char *percent_all(const char *in)
{
    char *out = apr_palloc(pool, strlen(in) * 3 + 1);
    size_t i;

    for (i = 0; in[i]; i++)
        snprintf(out + 3 * i, 4, i % 2 ? "%%%02x" : "%%%02X",
                 (unsigned char)in[i]);
    return out;
}

static char *unpadded(const char *in)
{
    char *out = apr_pstrdup(pool, in);

    out[strcspn(out, "=")] = '\0';
    return out;
}

static const char *outcome(get_path_t result, bytes_t got, bytes_t want)
{
    if (result == GET_PATH_NONE)
        return "none";
    if (result == GET_PATH_TOO_LARGE)
        return "too large";
    return same(got, want) ? "found" : "something else";
}

/* Asks for prefix + payload, and whether der comes out. */
static void path_is(const char *prefix, const char *payload, bytes_t der,
                    const char *expected, const char *name)
{
    bytes_t got = { NULL, 0 };
    get_path_t result = get_path_read(
        &got, pool, apr_pstrcat(pool, prefix, payload, NULL), MAX_DER);

    is(outcome(result, got, der), expected, name);
}

static void path_found(const char *payload, bytes_t der, const char *name)
{
    path_is("/ocsp/", payload, der, "found", name);
}

static void path_none(const char *path, const char *name)
{
    path_is("", path, nothing, "none", name);
}

static void test_path_alphabets(bytes_t der, const char *kind)
{
    char *text = base64(der);
    char *url = replace(replace(text, '+', "-"), '/', "_");

    path_found(text, der, apr_pstrcat(pool, kind, ": raw", NULL));
    path_found(percent_all(text), der,
               apr_pstrcat(pool, kind, ": wholly percent-encoded", NULL));
    path_found(unpadded(text), der, apr_pstrcat(pool, kind, ": bare", NULL));
    path_found(replace(text, '=', "%3D"), der,
               apr_pstrcat(pool, kind, ": %3D", NULL));
    path_found(replace(text, '=', "%3d"), der,
               apr_pstrcat(pool, kind, ": %3d", NULL));
    path_found(replace(text, '/', "%2F"), der,
               apr_pstrcat(pool, kind, ": %2F", NULL));
    path_found(replace(text, '+', "%2B"), der,
               apr_pstrcat(pool, kind, ": %2B", NULL));
    path_found(replace(text, '+', "%20"), der,
               apr_pstrcat(pool, kind, ": %20", NULL));
    path_found(url, der, apr_pstrcat(pool, kind, ": base64url", NULL));
    path_found(unpadded(url), der,
               apr_pstrcat(pool, kind, ": base64url, bare", NULL));
    path_found(apr_pstrcat(pool, text, "/", NULL), der,
               apr_pstrcat(pool, kind, ": trailing slash", NULL));
    path_found(apr_pstrcat(pool, unpadded(text), "//%2F", NULL), der,
               apr_pstrcat(pool, kind, ": bare, three slashes", NULL));
    path_found(apr_pstrcat(pool, text, "?a=/MAA/", NULL), der,
               apr_pstrcat(pool, kind, ": a query", NULL));
}

static void test_path_spellings(void)
{
    test_path_alphabets(request(), "a request");
    test_path_alphabets(sequence(0xFF, 44), "slashes, no padding");
    test_path_alphabets(sequence(0xFF, 45), "slashes, two =");
    test_path_alphabets(sequence(0xFF, 46), "slashes, one =");
    test_path_alphabets(sequence(0xFB, 44), "pluses");
    test_path_alphabets(sequence(0xFF, 2048), "a long one");
    ok(base64(sequence(0xFF, 44))[63] == '/', "one of them ends in a slash");
}

static void test_path_prefixes(void)
{
    static const char *const prefixes[] = {
        "/",
        "//",
        "/ocsp/",
        "/ocsp//",
        "/ocsp///",
        "/ocsp/%2F",
        "/django_ca/ocsp/34D602B5/cert/",
        "/x/../ocsp/",
        "/%6fcsp/",
        "/a.b~c/",
        "/a%zzb/",
        "/a=b/",
        "/MA/",
        "/MAA/",
        "/M/MAA=/",
        "http://host.example:80/ocsp/",
        "/caf%C3%A9/",
        "/%00/",
        "/a%/",
    };
    bytes_t der = sequence(0xFF, 100);
    char *text = base64(der);
    size_t i;

    for (i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        path_is(prefixes[i], text, der, "found",
                apr_pstrcat(pool, "behind ", prefixes[i], NULL));
}

static void test_path_none(void)
{
    bytes_t der = request(), more = join(der, hex("00"));
    char *text = base64(der);

    path_none("", "no path");
    path_none("/", "a slash");
    path_none("//////", "slashes");
    path_none("/ocsp/", "an empty payload");
    path_none("/ocsp/?MAA=", "a payload in the query");
    path_none("/ocsp/====", "only padding");
    path_none("/ocsp/=/", "padding and a slash");
    path_none("/ocsp/M", "one character");
    path_none("/ocsp/MA", "two characters");
    path_none("MAA=", "no slash before it");
    path_is("/ocsp/", base64(more), der, "none", "one byte too many");
    path_is("/ocsp/", unpadded(base64(more)), der, "none",
            "one byte too many, bare");
    der.len--;
    path_is("/ocsp/", base64(der), der, "none", "one byte too few");
    path_is("/ocsp/", apr_pstrcat(pool, text, "%00", NULL), der, "none",
            "%00 behind it");
    path_is("/ocsp/", apr_pstrcat(pool, text, "%0A", NULL), der, "none",
            "%0A behind it");
    path_is("/ocsp/", apr_pstrcat(pool, text, "%ZZ", NULL), der, "none", "%ZZ");
    path_is("/ocsp/", apr_pstrcat(pool, text, "%", NULL), der, "none",
            "a lone %");
    path_is("/ocsp/", apr_pstrcat(pool, text, "%4", NULL), der, "none",
            "half of a %");
    path_is("/ocsp/", percent_all(percent_all(text)), der, "none",
            "percent-encoded twice");
}

/* What is right but for its padding or its header. */
static void test_path_nearly(void)
{
    path_is("/ocsp/", "MAA=", hex("3000"), "found", "an empty SEQUENCE");
    path_is("/ocsp/", "MAB", hex("3000"), "found", "bits left over");
    path_none("/ocsp/MAA==", "too much padding");
    path_none("/ocsp/MAA=====", "far too much padding");
    path_none("/ocsp/MA=A", "padding inside");
    path_none("/ocsp/MAA=/=", "a slash in the padding");
    path_none("/ocsp/MQA=", "not a SEQUENCE");
    path_none("/ocsp/MIAAAA==", "indefinite length");
    path_none(apr_pstrcat(pool, "/ocsp/", base64(hex("3081 02 0500")), NULL),
              "long form of a short length");
    path_none(apr_pstrcat(pool, "/ocsp/",
                          base64(join(hex("3082 0080"), filled(0, 128))), NULL),
              "a leading zero in the length");
    path_none(apr_pstrcat(pool, "/ocsp/", base64(hex("3084")), NULL),
              "a length cut short");
    path_none(apr_pstrcat(pool, "/ocsp/", base64(hex("3085 0000000000")), NULL),
              "a length of five bytes");
    path_none(apr_pstrcat(pool, "/ocsp/", base64(hex("3084 ffffffff")), NULL),
              "the largest length");
}

/* The longest rest counts, and one that is nearly whole neither stops nor
 * becomes a whole one behind it. */
static void test_path_choice(void)
{
    bytes_t inner = sequence(0x11, 5);
    bytes_t outer = wrap(0x30, wrap(0x04, join(hex("00ff"), inner)));
    unsigned char *lie = apr_pmemdup(pool, outer.data, outer.len);
    char *text = base64(outer);

    ok(strncmp(text + 7, apr_pstrcat(pool, "/", base64(inner), NULL), 12) == 0,
       "one SEQUENCE inside another, behind a slash");
    path_is("/ocsp/", text, outer, "found", "the outer one counts");
    path_is("/ocsp/", base64(join(outer, hex("00"))), outer, "none",
            "with a byte too many neither does");
    lie[1]++;
    outer.data = lie;
    path_is("/ocsp/", base64(outer), inner, "found",
            "the inner one when the outer is none");
}

static void path_large(bytes_t der, apr_size_t max, const char *prefix,
                       const char *expected, const char *name)
{
    bytes_t got = { NULL, 0 };
    get_path_t result = get_path_read(
        &got, pool, apr_pstrcat(pool, prefix, base64(der), NULL), max);

    is(outcome(result, got, der), expected, name);
}

static void test_path_too_large(void)
{
    bytes_t der = sequence(0x11, 1000), shorter = der;

    shorter.len -= 3;
    path_large(der, der.len, "/ocsp/", "found", "as large as allowed");
    path_large(der, der.len - 1, "/ocsp/", "too large", "one byte more");
    path_large(der, 128, "/", "too large", "much more");
    path_large(shorter, 128, "/", "too large", "large, but cut short");
    path_large(shorter, der.len, "/", "none", "cut short within the limit");
    path_large(join(der, hex("00")), 128, "/", "too large",
               "large, with a byte too many");
    path_large(filled(0xFF, 1000), 128, "/", "none",
               "large, but nothing like a request");
    path_large(sequence(1, 64), 68, "/MAxx/", "found",
               "small enough, behind what looks like a start");
}

/* Each start is checked by its header, so that this takes milliseconds. */
static void test_path_hostile(void)
{
    static const char *const units[] = { "/",    "/MA",   "/MAA", "/MII", "/M",
                                         "/MIH", "/MAA=", "%2F",  "/MIAA" };
    apr_pool_t *scratch;
    char path[8192];
    bytes_t der;
    size_t i, at;
    int n, found = 0;

    for (i = 0; i < sizeof units / sizeof *units; i++) {
        for (at = 0; at < sizeof path - 1; at++)
            path[at] = units[i][at % strlen(units[i])];
        path[sizeof path - 1] = '\0';
        for (n = 0; n < 1000; n++) {
            apr_pool_create(&scratch, pool);
            found +=
                get_path_read(&der, scratch, path, MAX_DER) == GET_PATH_FOUND;
            apr_pool_destroy(scratch);
        }
    }
    ok(found % 1000 == 0, "8 KiB of starts, a thousand times each");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_path_spellings();
    test_path_prefixes();
    test_path_none();
    test_path_nearly();
    test_path_choice();
    test_path_too_large();
    test_path_hostile();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
