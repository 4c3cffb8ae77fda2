/* SPDX-License-Identifier: Apache-2.0
 * request_parse(): what is let through, what is refused, and why. */
#include "apr_general.h"
#include "apr_strings.h"
#include "requests.h"

#define BAD_ACCEPT  "malformed AcceptableResponses"
#define NOT_BASIC   "AcceptableResponses without id-pkix-ocsp-basic"
#define NO_BYTES    "the nonce is not an OCTET STRING"
#define NONCE_RANGE "the nonce does not have 1 to 128 bytes"

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
       "the CertID's bytes are as sent");
    ok(first->der.data > der.data
           && first->der.data + first->der.len <= der.data + der.len,
       "… and lie in the input");
    ok(same(first->digest, hex("2b0e03021a")) && !first->odd_parameters,
       "the hash algorithm");
    ok(same(first->name_hash, filled(0xA1, 20))
           && same(first->key_hash, filled(0xA2, 20)),
       "both hashes");
    ok(same(first->serial, hex("01 23")) && !first->serial_negative,
       "the serial's magnitude");
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
    ok(request->certids[0].serial.data[0] == 0x11
           && request->certids[1].serial.data[0] == 0x22
           && request->certids[2].serial.data[0] == 0x33,
       "in the order sent");
    ok(same(request->certids[0].der, certid(SHA256_NULL, hex("11"))),
       "SHA-256 byte for byte");
    ok(same(request->certids[1].der, certid(SHA1_ABSENT, hex("22"))),
       "absent parameters byte for byte");
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
        const char *bytes, *magnitude;
        int negative;
        const char *name;
    } rows[] = {
        { "00", "", 0, "zero" },
        { "01", "01", 0, "one" },
        { "7f", "7f", 0, "127" },
        { "0080", "80", 0, "top bit set" },
        { "00ffffffffffffffffffffffffffffffffffffffff",
          "ffffffffffffffffffffffffffffffffffffffff", 0, "20 bytes of ff" },
        { "0100000000000000000000000000000000000000aa",
          "0100000000000000000000000000000000000000aa", 0, "21 bytes" },
        { "01020304050607080910111213141516171819202122232425262728293031323"
          "334353637383940",
          "01020304050607080910111213141516171819202122232425262728293031323"
          "334353637383940",
          0, "40 bytes" },
        { "ff", "01", 1, "minus one" },
        { "80", "80", 1, "minus 128" },
        { "ff00", "0100", 1, "minus 256" },
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        const request_t *request =
            parse(ocsp_request(single(rows[i].bytes), nothing));

        ok(request && same(request->certids[0].serial, hex(rows[i].magnitude))
               && request->certids[0].serial_negative == rows[i].negative,
           "serial: %s", rows[i].name);
    }
}

static void test_nonce_length(apr_size_t len, int accepted)
{
    bytes_t value = filled(0x5A, len);
    bytes_t der = ocsp_request(single("01"), nonce(value));

    if (accepted) {
        const request_t *request = parse(der);

        ok(request && same(request->nonce, value), "nonce of %d bytes",
           (int)len);
    }
    else {
        refused(der, NONCE_RANGE,
                apr_psprintf(pool, "nonce of %d bytes", (int)len));
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
    ok(parse(ocsp_request(one, extension(NONCE, "010100", wrap(0x04, eight)))),
       "critical FALSE, written out");
    refused(ocsp_request(one, extension(NONCE, "", eight)), NO_BYTES,
            "bare bytes");
    refused(ocsp_request(one, extension(NONCE, "", nothing)), NO_BYTES,
            "an empty value");
    refused(ocsp_request(one, extension(NONCE, "", wrap(0x02, eight))),
            NO_BYTES, "an INTEGER");
    refused(ocsp_request(one, extension(NONCE, "", wrap(0x24, wrap(4, eight)))),
            NO_BYTES, "a constructed OCTET STRING");
    refused(ocsp_request(one,
                         extension(NONCE, "", join(wrap(4, eight), hex("00")))),
            NO_BYTES, "a byte behind it");
    refused(ocsp_request(one, extension(NONCE, "", hex("0409 0102"))), NO_BYTES,
            "cut short");
    refused(ocsp_request(one, extension(NONCE, "", hex("048102 0102"))),
            NO_BYTES, "long form of a short length");
    refused(ocsp_request(one, join(nonce(eight), nonce(eight))),
            "more than one nonce", "twice");
}

static void acceptable(const char *value, const char *why, const char *name)
{
    expected(ocsp_request(single("01"), extension(ACCEPTABLE, "", hex(value))),
             why, name);
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
    acceptable("300b " BASIC "00", BAD_ACCEPT, "acceptable: trailing byte");
    acceptable("300d " BASIC "0500", BAD_ACCEPT, "acceptable: not an OID");
    acceptable("300c " BASIC "06", BAD_ACCEPT, "acceptable: cut short");
    ok(parse(ocsp_request(single("01"),
                          extension(ACCEPTABLE, CRITICAL, hex("300b " BASIC)))),
       "acceptable: critical");
}

static bytes_t single_extended(const char *oid, const char *critical)
{
    bytes_t list = wrap(0x30, extension(oid, critical, hex("0500")));

    return ocsp_request(
        wrap(0x30, join(certid(SHA1_NULL, hex("01")), wrap(0xA0, list))),
        nothing);
}

static void test_other_extensions(void)
{
    bytes_t one = single("01"), null = hex("0500");
    bytes_t plain = extension(UNKNOWN, "", null);
    const request_t *request;

    ok(parse(ocsp_request(one, plain)), "unknown extension");
    ok(parse(ocsp_request(one, join(plain, plain))), "unknown one twice");
    refused(ocsp_request(one, extension(UNKNOWN, CRITICAL, null)), IN_REQUEST,
            "unknown critical extension");
    refused(ocsp_request(one,
                         join(nonce(filled(1, 8)),
                              extension(UNKNOWN, CRITICAL, null))),
            IN_REQUEST, "unknown critical extension behind a nonce");
    ok(parse(single_extended(UNKNOWN, "")), "unknown single extension");
    refused(single_extended(UNKNOWN, CRITICAL), IN_SINGLE,
            "unknown critical single extension");
    request = parse(single_extended(NONCE, CRITICAL));
    ok(request && !request->nonce.data,
       "a nonce in a single request is ignored, critical or not");
    refused(single_extended(ACCEPTABLE, CRITICAL), IN_SINGLE,
            "critical acceptable responses where none belong");
}

#define PREFERRED     "2b0601050507300108"
#define BAD_PREFERRED "malformed PreferredSignatureAlgorithms"
#define ECDSA_SHA256  "300a 0608 2a8648ce3d040302"
#define EC_KEY        "3013 0607 2a8648ce3d0201 0608 2a8648ce3d030107"

static void preferred(const char *value, const char *why, const char *name)
{
    expected(ocsp_request(single("01"), extension(PREFERRED, "", hex(value))),
             why, name);
}

static void test_preferred_der(void)
{
    preferred("3000", NULL, "preferred: none");
    preferred("300e 300c " ECDSA_SHA256, NULL, "preferred: one");
    preferred("3023 3021 " ECDSA_SHA256 EC_KEY, NULL,
              "preferred: one with its public key's kind");
    preferred("3010 300e 300c 0608 2a8648ce3d040302 0500", NULL,
              "preferred: one with parameters");
    preferred("", BAD_PREFERRED, "preferred: no value");
    preferred("0500", BAD_PREFERRED, "preferred: not a SEQUENCE");
    preferred("300e 300c " ECDSA_SHA256 "00", BAD_PREFERRED,
              "preferred: trailing byte");
    preferred("300c " ECDSA_SHA256, BAD_PREFERRED, "preferred: bare OIDs");
    preferred("3002 3000", BAD_PREFERRED, "preferred: an empty one");
    preferred("3006 3004 3002 0600", BAD_PREFERRED, "preferred: an empty OID");
    preferred("3014 3012 300a 0608 2a8648ce3d040302 3004 0500 0500",
              BAD_PREFERRED, "preferred: a key's algorithm without a name");
    preferred("300f 300c " ECDSA_SHA256 "30", BAD_PREFERRED,
              "preferred: cut short");
    refused(ocsp_request(single("01"),
                         join(extension(PREFERRED, "", hex("3000")),
                              extension(PREFERRED, "", hex("3000")))),
            "more than one PreferredSignatureAlgorithms", "preferred: twice");
}

static void test_preferred(void)
{
    bytes_t list = hex("301d"
                       "300c" ECDSA_SHA256 "300d 300b 0609 2a864886f70d01010b");
    const request_t *request =
        parse(ocsp_request(single("01"), extension(PREFERRED, CRITICAL, list)));
    request_preferred_t taken;
    bytes_t rest;

    if (!ok(request != NULL, "preferred: two, critical"))
        return;
    rest = request->preferred;
    ok(request_take_preferred(&rest, &taken)
           && same(taken.signature.oid, hex("2a8648ce3d040302")),
       "the first that the client named comes first");
    ok(!taken.signature.parameters.len && !taken.key.oid.data,
       "  without parameters, for any key");
    ok(request_take_preferred(&rest, &taken)
           && same(taken.signature.oid, hex("2a864886f70d01010b")),
       "then the second");
    ok(!request_take_preferred(&rest, &taken), "then none");
    rest = parse(simple())->preferred;
    ok(rest.len == 0 && !request_take_preferred(&rest, &taken),
       "none where none is named");
}

/* One Extension of those bytes, in requestExtensions and in
 * singleRequestExtensions. */
static void test_extension(const char *bytes, const char *in_request,
                           const char *in_single, const char *name)
{
    bytes_t list = wrap(0x30, wrap(0x30, hex(bytes)));
    bytes_t tbs = join(wrap(0x30, single("01")), wrap(0xA2, list));
    bytes_t id = certid(SHA1_NULL, hex("01"));

    expected(wrap(0x30, wrap(0x30, tbs)), in_request, name);
    expected(ocsp_request(wrap(0x30, join(id, wrap(0xA0, list))), nothing),
             in_single, apr_pstrcat(pool, name, ", in a single request", NULL));
}

static void test_extension_der(void)
{
    static const struct {
        const char *bytes, *name;
    } rows[] = {
        { "", "extension of nothing" },
        { "06032a0304", "extension without a value" },
        { "0400", "extension without an OID" },
        { "0400 06032a0304", "extension the wrong way round" },
        { "0600 0400", "extension: OID of no bytes" },
        { "06022a80 0400", "extension: OID that ends within a number" },
        { "0602802a 0400", "extension: OID that begins with 80" },
        { "06032a0304 0100 0400", "extension: BOOLEAN of no bytes" },
        { "06032a0304 0102ffff 0400", "extension: BOOLEAN of two" },
        { "06032a0304 2103 0101ff 0400", "extension: constructed BOOLEAN" },
        { "06032a0304 018101ff 0400", "extension: BOOLEAN, long length" },
        { "06032a0304 010100 010100 0400", "extension: two BOOLEANs" },
        { "06032a0304 0201ff 0400", "extension: an INTEGER as critical" },
        { "06032a0304 0101ff", "extension: critical without a value" },
        { "06032a0304 0400 00", "extension: a byte behind the value" },
        { "06032a0304 0400 0400", "extension: two values" },
        { "06032a0304 0401", "extension: value that reaches too far" },
        { "06032a0304 048100", "extension: value with a long length" },
        { "06032a0304 2400", "extension: constructed value" },
        { "06032a0304 2480 0000", "extension: value of indefinite length" },
        { "06032a0304 0500", "extension: a NULL as value" },
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        test_extension(rows[i].bytes, BAD_EXTENSION, BAD_EXTENSION,
                       rows[i].name);
    test_extension("06032a0304 0400", NULL, NULL, "extension");
    test_extension("06032a0304 010100 0400", NULL, NULL,
                   "extension: critical FALSE, written out");
    test_extension("06032a0304 0101ff 0400", IN_REQUEST, IN_SINGLE,
                   "extension: critical");
    test_extension("06032a0304 010101 0400", IN_REQUEST, IN_SINGLE,
                   "extension: critical as BER may have it");
}

/* What is around the extensions, in its two places: the tag is put before. */
static void test_extensions_der(void)
{
    static const struct {
        const char *bytes, *why, *name;
    } rows[] = {
        { "02 3000", NULL, "extensions: none" },
        { "09 3007 3005 06012a 0400", NULL, "extensions: one" },
        { "00", NOT_ONE, "extensions: no SEQUENCE" },
        { "02 3100", NOT_ONE, "extensions: a SET" },
        { "04 3000 0500", NOT_ONE, "extensions: something behind them" },
        { "03 308100", NOT_ONE, "extensions: long form" },
        { "8102 3000", NOT_ONE, "extensions: long form around them" },
        { "04 3080 0000", NOT_ONE, "extensions: indefinite length" },
        { "80 3000 0000", NOT_ONE, "extensions: that around them" },
        { "02 3001", NOT_ONE, "extensions: that reach too far" },
        { "04 3002 0500", BAD_EXTENSION, "extensions: a NULL among them" },
        { "08 3006 3104 06002400", BAD_EXTENSION, "extensions: a SET as one" },
        { "03 3001 30", BAD_EXTENSION, "extensions: half a header" },
        { "0a 3008 3081 05 06012a 0400", BAD_EXTENSION,
          "extensions: long form in one" },
    };
    bytes_t list = wrap(0x30, single("01")), id = certid(SHA1_NULL, hex("01"));
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        bytes_t rest = hex(rows[i].bytes);
        bytes_t tbs = join(list, join(hex("a2"), rest));

        expected(wrap(0x30, wrap(0x30, tbs)), rows[i].why, rows[i].name);
        expected(ocsp_request(wrap(0x30, join(id, join(hex("a0"), rest))),
                              nothing),
                 rows[i].why, "… in a single request");
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_parse_one();
    test_parse_several();
    test_certid_limits();
    test_serials();
    test_nonce();
    test_acceptable_responses();
    test_other_extensions();
    test_preferred_der();
    test_preferred();
    test_extension_der();
    test_extensions_der();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
