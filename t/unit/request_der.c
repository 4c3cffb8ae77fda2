/* SPDX-License-Identifier: Apache-2.0
 * request_parse(): DER and nothing else, at each level of a request. */
#include <stdlib.h>

#include "apr_general.h"
#include "apr_strings.h"
#include "requests.h"

static bytes_t around(bytes_t list)
{
    return wrap(0x30, wrap(0x30, wrap(0x30, list)));
}

/* -- outside --------------------------------------------------------------- */

/* As many of its bytes, in memory of their own, as a sanitizer watches it. */
static int is_refused(bytes_t der, apr_size_t len)
{
    unsigned char *copy = malloc(len);
    int none;

    if (copy && len)
        memcpy(copy, der.data, len);
    none = parse(bytes(copy, len)) == NULL;
    free(copy);
    return none;
}

static void test_cut(void)
{
    bytes_t der = simple(), tbs = bytes(der.data + 2, der.len - 2);
    int refusals = 0;
    apr_size_t i;

    for (i = 0; i < der.len; i++)
        refusals += is_refused(der, i);
    ok(refusals == (int)der.len, "cut short anywhere");
    for (refusals = 0, i = 0; i < tbs.len; i++) {
        bytes_t shorter = wrap(0x30, bytes(tbs.data, i));

        refusals += is_refused(shorter, shorter.len);
    }
    ok(refusals == (int)tbs.len, "and in a SEQUENCE that ends there");
}

static void test_outside(void)
{
    bytes_t der = simple(), absent = { NULL, 0 };
    bytes_t tbs = wrap(0x30, wrap(0x30, single("01")));

    refused(absent, NOT_ONE, "no bytes at all");
    refused(nothing, NOT_ONE, "empty");
    refused(hex("30"), NOT_ONE, "one byte");
    refused(hex("3000"), NOT_ONE, "an empty SEQUENCE");
    refused(hex("30023000"), NOT_ONE, "an empty TBSRequest");
    refused(hex("666f6f626172"), NOT_ONE, "foobar");
    refused(hex("3084ffffffff 3000"), NOT_ONE, "a length that is not there");
    refused(hex("3088ffffffffffffffff"), NOT_ONE, "a length of 64 bits");
    refused(join(der, hex("00")), NOT_ONE, "one byte too many");
    refused(join(der, der), NOT_ONE, "two requests");
    refused(join(hex("3080"), join(tbs, hex("0000"))), NOT_ONE,
            "indefinite length outside");
    refused(join(hex("3081"), join(bytes(&der.data[1], 1), tbs)), NOT_ONE,
            "long form of a short length outside");
    refused(wrap(0x31, tbs), NOT_ONE, "a SET outside");
    refused(wrap(0x30, join(tbs, hex("0500"))), NOT_ONE,
            "something behind the TBSRequest");
}

/* -- TBSRequest ------------------------------------------------------------ */

/* What stands before requestList, and what behind it. */
static bytes_t tbs_of(const char *before, const char *behind)
{
    return wrap(0x30,
                join(hex(before), join(wrap(0x30, single("01")), hex(behind))));
}

#define V1       "a003 020100"
#define DNS_NAME "a103 820178"
#define NO_EXT   "a202 3000"
#define NOT_V1   "not version v1"

static void test_fields(void)
{
    static const struct {
        const char *before, *behind, *why, *name;
    } rows[] = {
        { V1, "", NULL, "version v1, written out" },
        { "a003 020101", "", NOT_V1, "version v2" },
        { "a003 0201ff", "", NOT_V1, "version -1" },
        { "a004 02020100", "", NOT_V1, "version 256" },
        { "a004 02020000", "", NOT_V1, "version v1 with a zero before it" },
        { "a004 02810100", "", NOT_V1, "version with a long length" },
        { "a002 0200", "", NOT_V1, "version of no bytes" },
        { "a000", "", NOT_V1, "no version in its place" },
        { "a005 020100 0500", "", NOT_V1, "something behind the version" },
        { "a08103 020100", "", NOT_ONE, "long form around the version" },
        { "a080 020100 0000", "", NOT_ONE, "indefinite around the version" },
        { "8001 00", "", NOT_ONE, "version with an implicit tag" },
        { V1 V1, "", NOT_ONE, "two versions" },
        { "0500", "", NOT_ONE, "something before requestList" },
        { DNS_NAME, "", NULL, "requestorName" },
        { V1 DNS_NAME, "", NULL, "version and requestorName" },
        { DNS_NAME V1, "", NOT_ONE, "the other way round" },
        { DNS_NAME DNS_NAME, "", NOT_ONE, "two requestorNames" },
        { "a100", "", NOT_ONE, "requestorName without a name" },
        { "a106 820178 820178", "", NOT_ONE, "two names in a requestorName" },
        { "a103 020178", "", NOT_ONE, "an INTEGER as requestorName" },
        { "a104 820278", "", NOT_ONE, "requestorName that reaches too far" },
        { "a18103 820178", "", NOT_ONE, "long form around requestorName" },
        { "a106 a480 3000 0000", "", NOT_ONE, "requestorName with BER inside" },
        { "a104 a402 ffff", "", NULL, "requestorName that is rubbish inside" },
        { "", NO_EXT, NULL, "requestExtensions of none" },
        { "", NO_EXT NO_EXT, NOT_ONE, "requestExtensions twice" },
        { NO_EXT, "", NOT_ONE, "requestExtensions before requestList" },
        { "", NO_EXT "0500", NOT_ONE, "something behind them" },
        { "", "3000", NOT_ONE, "a second requestList" },
        { "", "a102 3000", NOT_ONE, "another tag behind requestList" },
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        expected(wrap(0x30, tbs_of(rows[i].before, rows[i].behind)),
                 rows[i].why, rows[i].name);
}

#define RSA_SHA256 "300d 0609 2a864886f70d01010b 0500"

/* optionalSignature, and what is behind it. */
static void test_signature(void)
{
    static const struct {
        const char *bytes, *why, *name;
    } rows[] = {
        { "a016 3014" RSA_SHA256 "0303 00dead", NULL, "a signature" },
        { "a01a 3018" RSA_SHA256 "0303 00dead a002 3000", NULL,
          "a signature and no certificates" },
        { "a080 3014" RSA_SHA256 "0303 00dead 0000", NOT_ONE,
          "indefinite length around a signature" },
        { "a08116 3014" RSA_SHA256 "0303 00dead", NOT_ONE,
          "long form around a signature" },
        { "a016 3014" RSA_SHA256 "0303 00dead 00", NOT_ONE,
          "a byte behind a signature" },
        { "a01c 301a 3003 060180 0303 00dead a00e 300c 300a ffffffffffffffff"
          "ffff",
          NULL, "rubbish inside its algorithm and certificates" },
        { "a018 3016" RSA_SHA256 "0303 00dead 0500", NOT_ONE,
          "something else where its certificates belong" },
        { "a016 3014" RSA_SHA256 "0303 00de", NOT_ONE,
          "a signature cut short" },
        { "a00f" RSA_SHA256, NOT_ONE, "an algorithm alone" },
        { "a000", NOT_ONE, "no signature in its place" },
        { "a116 3014" RSA_SHA256 "0303 00dead", NOT_ONE, "another tag" },
        { "3014" RSA_SHA256 "0303 00dead", NOT_ONE, "no tag" },
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        expected(wrap(0x30, join(tbs_of("", ""), hex(rows[i].bytes))),
                 rows[i].why, rows[i].name);
}

static void test_list(void)
{
    bytes_t one = single("01"), id = certid(SHA1_NULL, hex("05"));

    refused(around(join(one, hex("0500"))), NOT_LIST, "a NULL in requestList");
    refused(around(join(one, hex("30"))), NOT_LIST, "half a header there");
    refused(around(join(hex("3081"), join(bytes(&one.data[1], 1), id))),
            NOT_LIST, "long form around a single request");
    refused(around(join(hex("3080"), join(id, hex("0000")))), NOT_LIST,
            "indefinite length around a single request");
    refused(around(wrap(0x31, id)), NOT_LIST, "a SET as a single request");
    refused(wrap(0x30, wrap(0x30, wrap(0x31, one))), NOT_ONE,
            "a SET as requestList");
    refused(around(hex("3000")), BAD_CERTID, "an empty single request");
    refused(around(join(one, hex("3000"))), BAD_CERTID, "as the second");
    refused(around(wrap(0x30, join(id, hex("0500")))), NOT_ONE,
            "something behind the CertID");
    refused(around(wrap(0x30, join(id, id))), NOT_ONE, "two CertIDs in one");
}

/* -- CertIDs --------------------------------------------------------------- */

/* A CertID with one of its four fields replaced. */
static bytes_t certid_with(int field, const char *replacement)
{
    const char *fields[] = { SHA1_NULL, "0402a1a1", "0402a2a2", "020105" };
    bytes_t all = nothing;
    int i;

    for (i = 0; i < 4; i++)
        all = join(all, hex(i == field ? replacement : fields[i]));
    return wrap(0x30, all);
}

typedef struct {
    const char *bytes, *why, *name;
} row_t;

static void test_certid_field(int field, const row_t *rows, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        expected(around(wrap(0x30, certid_with(field, rows[i].bytes))),
                 rows[i].why, rows[i].name);
}

#define TEST_CERTID_FIELD(field, rows) \
    test_certid_field(field, rows, sizeof(rows) / sizeof *(rows))

static void test_algorithm(void)
{
    static const row_t rows[] = {
        { "3005 0603 2a8101", NULL, "OID with a number of two bytes" },
        { "3006 0604 2a818001", NULL, "OID with one of three" },
        { "3000", BAD_CERTID, "no OID" },
        { "3002 0600", BAD_CERTID, "OID of no bytes" },
        { "3004 0602 2a80", BAD_CERTID, "OID that ends within a number" },
        { "3005 0603 2a01ff", BAD_CERTID, "OID that does so too" },
        { "3004 0602 802a", BAD_CERTID, "OID that begins with 80" },
        { "3005 0603 2a8001", BAD_CERTID, "OID whose number begins with 80" },
        { "3003 0601 80", BAD_CERTID, "OID of 80 alone" },
        { "3006 2604 0602 2a03", BAD_CERTID, "constructed OID" },
        { "3005 068102 2a03", BAD_CERTID, "OID with a long length" },
        { "3004 0603 2a03", BAD_CERTID, "OID that reaches too far" },
        { "3004 0d02 2a03", BAD_CERTID, "RELATIVE-OID" },
        { "310605042b0e0302", BAD_CERTID, "a SET" },
        { "308104 0602 2a03", BAD_CERTID, "long form" },
        { "3080 0602 2a03 0000", BAD_CERTID, "indefinite length" },
        { "", BAD_CERTID, "no algorithm" },
    };

    TEST_CERTID_FIELD(0, rows);
}

static void test_parameters(void)
{
    static const struct {
        const char *bytes;
        int odd;
    } rows[] = {
        { "", 0 },           { "0500", 0 },       { "3000", 1 },
        { "0c03616263", 1 }, { "a003020105", 1 }, { "050100", 1 },
        { "050000", 1 },     { "05000500", 1 },   { "05", 1 },
        { "02020001", 1 },   { "3080", 1 },       { "bf1f00", 1 },
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        bytes_t algorithm =
            wrap(0x30, join(hex("0602 2a03"), hex(rows[i].bytes)));
        bytes_t id =
            wrap(0x30, join(algorithm, hex("0402a1a1 0402a2a2 020105")));
        const request_t *request = parse(around(wrap(0x30, id)));

        ok(request && request->certids[0].odd_parameters == rows[i].odd,
           "parameters \"%s\" are %sodd", rows[i].bytes,
           rows[i].odd ? "" : "not ");
    }
}

static void test_hashes(void)
{
    static const row_t rows[] = {
        { "0400", NULL, "hash of no bytes" },
        { "0401a1", NULL, "hash of one byte" },
        { "048102a1a1", BAD_CERTID, "hash with a long length" },
        { "2404 0402a1a1", BAD_CERTID, "hash in pieces" },
        { "2480 0402a1a1 0000", BAD_CERTID, "hash of indefinite length" },
        { "0480 a1a1 0000", BAD_CERTID, "the same in a primitive" },
        { "0302a1a1", BAD_CERTID, "a BIT STRING as hash" },
        { "8402a1a1", BAD_CERTID, "hash of another class" },
        { "0402a1a1 00", BAD_CERTID, "a byte behind a hash" },
        { "0420a1a1", BAD_CERTID, "hash that reaches too far" },
        { "", BAD_CERTID, "no hash" },
    };

    TEST_CERTID_FIELD(1, rows);
    TEST_CERTID_FIELD(2, rows);
}

static void test_serial(void)
{
    static const row_t rows[] = {
        { "02020080", NULL, "serial 128" },
        { "0202ff7f", NULL, "serial -129" },
        { "0202ff00", NULL, "serial -256" },
        { "0200", BAD_CERTID, "serial of no bytes" },
        { "02020000", BAD_CERTID, "serial zero in two bytes" },
        { "02020001", BAD_CERTID, "non-minimal serial" },
        { "0202007f", BAD_CERTID, "serial 127 in two bytes" },
        { "0203000080", BAD_CERTID, "serial 128 in three bytes" },
        { "0202ffff", BAD_CERTID, "non-minimal negative serial" },
        { "0202ff80", BAD_CERTID, "serial -128 in two bytes" },
        { "02810105", BAD_CERTID, "serial with a long length" },
        { "2203020105", BAD_CERTID, "constructed serial" },
        { "0a0105", BAD_CERTID, "an ENUMERATED as serial" },
        { "0201050500", BAD_CERTID, "something behind the serial" },
        { "020205", BAD_CERTID, "serial that reaches too far" },
        { "02", BAD_CERTID, "half a header of a serial" },
        { "", BAD_CERTID, "no serial" },
    };

    TEST_CERTID_FIELD(3, rows);
}

static void test_certid(void)
{
    bytes_t id = certid_with(-1, ""), body = bytes(id.data + 2, id.len - 2);

    accepted(around(wrap(0x30, id)), "a CertID");
    refused(around(wrap(0x30,
                        join(join(hex("3081"), bytes(id.data + 1, 1)), body))),
            BAD_CERTID, "long form of a short length in a CertID");
    refused(around(wrap(0x30, join(hex("3080"), join(body, hex("0000"))))),
            BAD_CERTID, "indefinite length in a CertID");
    refused(around(wrap(0x30, wrap(0x31, body))), BAD_CERTID,
            "a SET as CertID");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_cut();
    test_outside();
    test_fields();
    test_signature();
    test_list();
    test_algorithm();
    test_parameters();
    test_hashes();
    test_serial();
    test_certid();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
