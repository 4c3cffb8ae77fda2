/* SPDX-License-Identifier: Apache-2.0
 * responder/request.c: the payload in a path, and the request in its DER. */
#include <stdlib.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include "request.h"
#include "tap.h"

static apr_pool_t *pool;

/* -- DER by hand ----------------------------------------------------------- */

/* Takes hexadecimal, with spaces. */
static bytes_t hex(const char *text)
{
    unsigned char *out = apr_palloc(pool, strlen(text) / 2 + 1);
    bytes_t octets = { out, 0 };

    for (; *text; text++) {
        if (*text == ' ')
            continue;
        out[octets.len++] = (unsigned char)(OPENSSL_hexchar2int(text[0]) << 4 |
                                            OPENSSL_hexchar2int(text[1]));
        text++;
    }
    return octets;
}

static bytes_t join(bytes_t a, bytes_t b)
{
    unsigned char *out = apr_palloc(pool, a.len + b.len + 1);
    bytes_t both = { out, a.len + b.len };

    if (a.len)
        memcpy(out, a.data, a.len);
    if (b.len)
        memcpy(out + a.len, b.data, b.len);
    return both;
}

/* An element around contents, its length in the shortest form. */
static bytes_t wrap(int tag, bytes_t contents)
{
    unsigned char *head = apr_palloc(pool, 4);
    bytes_t octets = { head, 2 };

    head[0] = (unsigned char)tag;
    if (contents.len < 0x80) {
        head[1] = (unsigned char)contents.len;
    } else if (contents.len < 0x100) {
        head[1] = 0x81;
        head[2] = (unsigned char)contents.len;
        octets.len = 3;
    } else {
        head[1] = 0x82;
        head[2] = (unsigned char)(contents.len >> 8);
        head[3] = (unsigned char)contents.len;
        octets.len = 4;
    }
    return join(octets, contents);
}

static bytes_t filled(int octet, apr_size_t len)
{
    unsigned char *out = apr_palloc(pool, len + 1);
    bytes_t octets = { out, len };

    memset(out, octet, len);
    return octets;
}

static const bytes_t nothing = { (const unsigned char *)"", 0 };

#define SHA1_NULL   "3009 0605 2b0e03021a 0500"
#define SHA1_ABSENT "3007 0605 2b0e03021a"
#define SHA256_NULL "300d 0609 608648016503040201 0500"

/* A CertID of a hash algorithm and the octets of an INTEGER. */
static bytes_t certid(const char *algorithm, bytes_t serial)
{
    apr_size_t size = strcmp(algorithm, SHA256_NULL) == 0 ? 32 : 20;
    bytes_t hash = wrap(0x04, filled(0xA1, size));

    return wrap(0x30, join(join(hex(algorithm), join(hash, hash)),
                           wrap(0x02, serial)));
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
    return wrap(0x30, join(join(wrap(0x06, hex(oid)), hex(critical)),
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

/* -- request_parse --------------------------------------------------------- */

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

#define NOT_ONE     "not one OCSPRequest in DER"
#define NOT_DER     "not DER"
#define BAD_CERTID  "a CertID is not DER"
#define BAD_ACCEPT  "malformed AcceptableResponses"
#define NOT_BASIC   "AcceptableResponses without id-pkix-ocsp-basic"
#define NO_OCTETS   "the nonce is not an OCTET STRING"
#define NONCE_RANGE "the nonce does not have 1 to 128 octets"

static int same(bytes_t a, bytes_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static void test_parse_one(void)
{
    bytes_t der = simple();
    const request_t *request = parse(der);
    const request_certid_t *first;

    if (!ok(request != NULL, "one CertID"))
        return;
    first = request->certids;
    ok(request->certid_count == 1, "one CertID is counted as one");
    ok(!request->nonce.data, "no nonce is absent");
    ok(same(first->der, certid(SHA1_NULL, hex("01 23"))),
       "the CertID's octets are as sent");
    ok(first->der.data > der.data &&
       first->der.data + first->der.len <= der.data + der.len,
       "… and lie in the input");
    ok(first->serial_len == 2 && memcmp(first->serial, "\x01\x23", 2) == 0 &&
       !first->serial_negative, "the serial's magnitude");
}

static void test_parse_several(void)
{
    bytes_t der = ocsp_request(
        join(wrap(0x30, certid(SHA256_NULL, hex("11"))),
             join(wrap(0x30, certid(SHA1_ABSENT, hex("22"))), single("33"))),
        nothing);
    const request_t *request = parse(der);

    if (!ok(request && request->certid_count == 3, "three CertIDs"))
        return;
    ok(request->certids[0].serial[0] == 0x11 &&
       request->certids[1].serial[0] == 0x22 &&
       request->certids[2].serial[0] == 0x33, "in the order sent");
    ok(same(request->certids[0].der, certid(SHA256_NULL, hex("11"))),
       "SHA-256 octet for octet");
    ok(same(request->certids[1].der, certid(SHA1_ABSENT, hex("22"))),
       "absent parameters octet for octet");
}

static void test_certid_limits(void)
{
    const request_t *request = parse(ocsp_request(singles("01", 16), nothing));

    ok(request && request->certid_count == 16, "as many CertIDs as allowed");
    refused(ocsp_request(singles("01", 17), nothing), "too many CertIDs",
            "one more");
    refused(ocsp_request(nothing, nothing), "no CertID", "none");
}

static void test_serials(void)
{
    static const struct {
        const char *octets, *magnitude;
        int negative;
        const char *name;
    } rows[] = {
        { "00", "", 0, "zero" },
        { "01", "01", 0, "one" },
        { "7f", "7f", 0, "127" },
        { "0080", "80", 0, "top bit set" },
        { "00ffffffffffffffffffffffffffffffffffffffff",
          "ffffffffffffffffffffffffffffffffffffffff", 0, "20 octets of ff" },
        { "0100000000000000000000000000000000000000aa",
          "0100000000000000000000000000000000000000aa", 0, "21 octets" },
        { "01020304050607080910111213141516171819202122232425262728293031323"
          "334353637383940",
          "01020304050607080910111213141516171819202122232425262728293031323"
          "334353637383940", 0, "40 octets" },
        { "ff", "01", 1, "minus one" },
        { "80", "80", 1, "minus 128" },
        { "ff00", "0100", 1, "minus 256" },
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        const request_t *request =
            parse(ocsp_request(single(rows[i].octets), nothing));
        bytes_t got = nothing;

        if (request) {
            got.data = request->certids[0].serial;
            got.len = request->certids[0].serial_len;
        }
        ok(request && same(got, hex(rows[i].magnitude)) &&
           request->certids[0].serial_negative == rows[i].negative,
           "serial: %s", rows[i].name);
    }
    refused(ocsp_request(single("0001"), nothing), NOT_ONE,
            "non-minimal serial");
    refused(ocsp_request(single("ffff"), nothing), NOT_ONE,
            "non-minimal negative serial");
    refused(ocsp_request(single(""), nothing), NOT_ONE, "serial of no octets");
}

static void test_not_der(void)
{
    bytes_t der = simple(), shorter = der, id = certid(SHA1_NULL, hex("05"));
    bytes_t absent = { NULL, 0 };

    refused(absent, NOT_ONE, "no octets at all");
    refused(nothing, NOT_ONE, "empty");
    refused(hex("30"), NOT_ONE, "one octet");
    refused(hex("3000"), NOT_ONE, "an empty SEQUENCE");
    refused(hex("666f6f626172"), NOT_ONE, "foobar");
    refused(join(der, hex("00")), NOT_ONE, "one octet too many");
    shorter.len--;
    refused(shorter, NOT_ONE, "one octet too few");
    refused(join(hex("3080"), join(wrap(0x30, wrap(0x30, single("01"))),
                                   hex("0000"))), NOT_DER,
            "indefinite length outside");
    refused(join(hex("3081 42"), wrap(0x30, wrap(0x30, single("01")))),
            NOT_DER, "long form of a short length outside");
    refused(ocsp_request(wrap(0x30, join(hex("3081 3a"),
            join(hex(SHA1_NULL), join(wrap(0x04, filled(1, 20)),
                 join(wrap(0x04, filled(1, 20)), hex("020105")))))), nothing),
            BAD_CERTID, "long form of a short length in a CertID");
    refused(ocsp_request(wrap(0x30, wrap(0x30,
            join(hex(SHA1_NULL), join(hex("2416 0414"),
            join(filled(1, 20), join(wrap(0x04, filled(1, 20)),
                                     hex("020105"))))))), nothing),
            BAD_CERTID, "constructed OCTET STRING in a CertID");
    refused(ocsp_request(wrap(0x30, join(id, hex("0500"))), nothing), NOT_ONE,
            "something behind the CertID");
}

static bytes_t versioned(const char *version)
{
    return wrap(0x30, wrap(0x30, join(hex(version),
                                      wrap(0x30, single("01")))));
}

static void test_outer_fields(void)
{
    bytes_t name = wrap(0xA1, wrap(0x82, hex("6578616d706c65")));
    bytes_t tbs = wrap(0x30, join(name, wrap(0x30, single("01"))));
    bytes_t signature = wrap(0xA0, wrap(0x30, join(
        hex("300d 0609 2a864886f70d01010b 0500"), hex("0303 00 dead"))));

    ok(parse(versioned("a003 020100")), "version v1, written out");
    refused(versioned("a003 020101"), "not version v1", "version v2");
    refused(versioned("a003 0201ff"), "not version v1", "version -1");
    refused(versioned("a004 02020100"), "not version v1", "version 256");
    ok(parse(wrap(0x30, tbs)), "requestorName is not looked at");
    ok(parse(wrap(0x30, join(tbs, signature))), "nor is a signature");
}

static void test_nonce_length(apr_size_t len, int accepted)
{
    bytes_t value = filled(0x5A, len);
    bytes_t der = ocsp_request(single("01"), nonce(value));

    if (accepted) {
        const request_t *request = parse(der);

        ok(request && same(request->nonce, value), "nonce of %d octets",
           (int)len);
    } else {
        refused(der, NONCE_RANGE,
                apr_psprintf(pool, "nonce of %d octets", (int)len));
    }
}

static void test_nonce(void)
{
    bytes_t one = single("01"), eight = filled(7, 8);

    test_nonce_length(0, 0);
    test_nonce_length(1, 1);
    test_nonce_length(32, 1);
    test_nonce_length(127, 1);
    test_nonce_length(128, 1);
    test_nonce_length(129, 0);
    test_nonce_length(4096, 0);
    ok(parse(ocsp_request(one, extension(NONCE, CRITICAL, wrap(0x04, eight)))),
       "critical nonce");
    ok(parse(ocsp_request(one, extension(NONCE, "010100",
                                         wrap(0x04, eight)))),
       "critical FALSE, written out");
    refused(ocsp_request(one, extension(NONCE, "", eight)), NO_OCTETS,
            "bare octets");
    refused(ocsp_request(one, extension(NONCE, "", nothing)), NO_OCTETS,
            "an empty value");
    refused(ocsp_request(one, extension(NONCE, "", wrap(0x02, eight))),
            NO_OCTETS, "an INTEGER");
    refused(ocsp_request(one, extension(NONCE, "", wrap(0x24, wrap(4, eight)))),
            NO_OCTETS, "a constructed OCTET STRING");
    refused(ocsp_request(one, extension(NONCE, "", join(wrap(4, eight),
                                                       hex("00")))),
            NO_OCTETS, "an octet behind it");
    refused(ocsp_request(one, extension(NONCE, "", hex("0409 0102"))),
            NO_OCTETS, "cut short");
    refused(ocsp_request(one, extension(NONCE, "", hex("048102 0102"))),
            NO_OCTETS, "long form of a short length");
    refused(ocsp_request(one, join(nonce(eight), nonce(eight))),
            "more than one nonce", "twice");
}

static void acceptable(const char *value, const char *why, const char *name)
{
    bytes_t der = ocsp_request(single("01"),
                               extension(ACCEPTABLE, "", hex(value)));

    if (why)
        refused(der, why, name);
    else
        ok(parse(der), "%s", name);
}

#define ARCHIVE "0609 2b0601050507300106"

static void test_acceptable_responses(void)
{
    acceptable("300b " BASIC, NULL, "acceptable: basic");
    acceptable("3016 " ARCHIVE BASIC, NULL, "acceptable: basic as the second");
    acceptable("300b " ARCHIVE, NOT_BASIC, "acceptable: another");
    acceptable("300d 060b 2b0601050507300101 0101", NOT_BASIC,
               "acceptable: one that begins like basic");
    acceptable("300a 0608 2b06010505073001", NOT_BASIC,
               "acceptable: one that basic begins with");
    acceptable("3000", NOT_BASIC, "acceptable: none");
    acceptable("", BAD_ACCEPT, "acceptable: no value");
    acceptable(BASIC, BAD_ACCEPT, "acceptable: not a SEQUENCE");
    acceptable("300b " BASIC "00", BAD_ACCEPT, "acceptable: trailing octet");
    acceptable("300d " BASIC "0500", BAD_ACCEPT, "acceptable: not an OID");
    acceptable("300c " BASIC "06", BAD_ACCEPT, "acceptable: cut short");
    ok(parse(ocsp_request(single("01"), extension(ACCEPTABLE, CRITICAL,
                                                  hex("300b " BASIC)))),
       "acceptable: critical");
}

static bytes_t single_extended(const char *oid, const char *critical)
{
    bytes_t list = wrap(0x30, extension(oid, critical, hex("0500")));

    return ocsp_request(wrap(0x30, join(certid(SHA1_NULL, hex("01")),
                                        wrap(0xA0, list))), nothing);
}

static void test_other_extensions(void)
{
    static const char in_request[] =
        "unknown critical extension in the request";
    static const char in_single[] =
        "unknown critical extension in a single request";
    bytes_t one = single("01"), null = hex("0500");
    bytes_t plain = extension(UNKNOWN, "", null);

    ok(parse(ocsp_request(one, plain)), "unknown extension");
    ok(parse(ocsp_request(one, join(plain, plain))), "unknown one twice");
    refused(ocsp_request(one, extension(UNKNOWN, CRITICAL, null)), in_request,
            "unknown critical extension");
    refused(ocsp_request(one, join(nonce(filled(1, 8)),
                                   extension(UNKNOWN, CRITICAL, null))),
            in_request, "unknown critical extension behind a nonce");
    ok(parse(ocsp_request(one, extension("2b0601050507300108", "",
                                         hex("3000")))),
       "preferred signature algorithms");
    ok(parse(single_extended(UNKNOWN, "")), "unknown single extension");
    refused(single_extended(UNKNOWN, CRITICAL), in_single,
            "unknown critical single extension");
    refused(single_extended(NONCE, CRITICAL), in_single,
            "a critical nonce where none belongs");
}

/* -- request_from_path ----------------------------------------------------- */

#define MAX_DER 8192

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

static const char *outcome(request_path_t result, bytes_t got, bytes_t want)
{
    if (result == REQUEST_PATH_NONE)
        return "none";
    if (result == REQUEST_PATH_TOO_LARGE)
        return "too large";
    return same(got, want) ? "found" : "something else";
}

/* Asks for prefix + payload, and whether der comes out. */
static void path_is(const char *prefix, const char *payload, bytes_t der,
                    const char *expected, const char *name)
{
    bytes_t got = { NULL, 0 };
    request_path_t result = request_from_path(
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

/* SEQUENCEs whose base64 ends in '/', holds "//", '+', and so on: an OCTET
 * STRING of a chosen octet inside. */
static bytes_t sequence(int octet, apr_size_t len)
{
    return wrap(0x30, wrap(0x04, filled(octet, len)));
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
    test_path_alphabets(simple(), "a request");
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
        "/", "//", "/ocsp/", "/ocsp//", "/ocsp///", "/ocsp/%2F",
        "/django_ca/ocsp/34D602B5/cert/", "/x/../ocsp/", "/%6fcsp/",
        "/a.b~c/", "/a%zzb/", "/a=b/", "/MA/", "/MAA/", "/M/MAA=/",
        "http://host.example:80/ocsp/", "/caf%C3%A9/", "/%00/", "/a%/",
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
    bytes_t der = simple(), more = join(der, hex("00"));
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
    path_is("/ocsp/", base64(more), der, "none", "one octet too many");
    path_is("/ocsp/", unpadded(base64(more)), der, "none",
            "one octet too many, bare");
    der.len--;
    path_is("/ocsp/", base64(der), der, "none", "one octet too few");
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
                          base64(join(hex("3082 0080"), filled(0, 128))),
                          NULL), "a leading zero in the length");
    path_none(apr_pstrcat(pool, "/ocsp/", base64(hex("3084")), NULL),
              "a length cut short");
    path_none(apr_pstrcat(pool, "/ocsp/",
                          base64(hex("3085 0000000000")), NULL),
              "a length of five octets");
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
            "with an octet too many neither does");
    lie[1]++;
    outer.data = lie;
    path_is("/ocsp/", base64(outer), inner, "found",
            "the inner one when the outer is none");
}

static void path_large(bytes_t der, apr_size_t max, const char *prefix,
                       const char *expected, const char *name)
{
    bytes_t got = { NULL, 0 };
    request_path_t result = request_from_path(
        &got, pool, apr_pstrcat(pool, prefix, base64(der), NULL), max);

    is(outcome(result, got, der), expected, name);
}

static void test_path_too_large(void)
{
    bytes_t der = sequence(0x11, 1000), shorter = der;

    shorter.len -= 3;
    path_large(der, der.len, "/ocsp/", "found", "as large as allowed");
    path_large(der, der.len - 1, "/ocsp/", "too large", "one octet more");
    path_large(der, 128, "/", "too large", "much more");
    path_large(shorter, 128, "/", "too large", "large, but cut short");
    path_large(shorter, der.len, "/", "none", "cut short within the limit");
    path_large(join(der, hex("00")), 128, "/", "too large",
               "large, with an octet too many");
    path_large(filled(0xFF, 1000), 128, "/", "none",
               "large, but nothing like a request");
    path_large(sequence(1, 64), 68, "/MAxx/", "found",
               "small enough, behind what looks like a start");
}

/* Each start is judged by its header, so that this takes milliseconds. */
static void test_path_hostile(void)
{
    static const char *const units[] = { "/", "/MA", "/MAA", "/MII", "/M",
                                         "/MIH", "/MAA=", "%2F", "/MIAA" };
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
            found += request_from_path(&der, scratch, path, MAX_DER) ==
                     REQUEST_PATH_FOUND;
            apr_pool_destroy(scratch);
        }
    }
    ok(found % 1000 == 0, "8 KiB of starts, a thousand times each");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_parse_one();
    test_parse_several();
    test_certid_limits();
    test_serials();
    test_not_der();
    test_outer_fields();
    test_nonce();
    test_acceptable_responses();
    test_other_extensions();
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
