/* SPDX-License-Identifier: Apache-2.0
 * request_parse(): what is let through, what is refused, and why. */
#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include "handmade.h"
#include "request.h"
#include "tap.h"

/* -- requests -------------------------------------------------------------- */

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

#define NOT_ONE     "not one OCSPRequest in DER"
#define NOT_DER     "not DER"
#define BAD_CERTID  "a CertID is not DER"
#define BAD_ACCEPT  "malformed AcceptableResponses"
#define NOT_BASIC   "AcceptableResponses without id-pkix-ocsp-basic"
#define NO_OCTETS   "the nonce is not an OCTET STRING"
#define NONCE_RANGE "the nonce does not have 1 to 128 octets"

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
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
