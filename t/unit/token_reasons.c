/* SPDX-License-Identifier: Apache-2.0
 * ocsp/token_reasons.h: what OpenSSL's queue tells of a token, whatever the
 * libraries in between are called. */
#include <openssl/err.h>
#include "ocsp/token_reasons.h"
#include "tap.h"

static int library; /* a token's, as OpenSSL numbers it */

static token_reasons_t read_one(int lib, int reason)
{
    ERR_clear_error();
    ERR_raise(lib, reason);
    return token_reasons_read();
}

/* Return values of PKCS #11 3.1, where each range begins and ends. */
static void test_values(void)
{
    static const struct {
        int reason, pin, missing, vague;
    } rows[] = {
        { 0x02, 0, 1, 0 }, { 0x03, 0, 0, 0 },  { 0x04, 0, 0, 0 },
        { 0x05, 0, 0, 1 }, { 0x06, 0, 0, 1 },  { 0x07, 0, 0, 0 },
        { 0x30, 0, 1, 0 }, { 0x31, 0, 1, 0 },  { 0x32, 0, 1, 0 },
        { 0x33, 0, 0, 0 }, { 0x9F, 0, 0, 0 },  { 0xA0, 1, 0, 0 },
        { 0xA2, 1, 0, 0 }, { 0xA4, 1, 0, 0 },  { 0xA5, 0, 0, 0 },
        { 0xB0, 0, 1, 0 }, { 0xB1, 0, 1, 0 },  { 0xB3, 0, 1, 0 },
        { 0xE0, 0, 1, 0 }, { 0xE1, 0, 1, 0 },  { 0x190, 0, 1, 0 },
        { 0xE2, 0, 0, 0 }, { 0x191, 0, 0, 0 },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        token_reasons_t reasons = read_one(library, rows[i].reason);

        ok(reasons.pin == rows[i].pin && reasons.missing == rows[i].missing
               && reasons.vague == rows[i].vague,
           "0x%02X: PIN %d, missing %d, vague %d", rows[i].reason, reasons.pin,
           reasons.missing, reasons.vague);
        ok(ERR_peek_error() == 0, "the queue is empty");
    }
}

/* OpenSSL's own libraries use such numbers for something else. */
static void test_own(void)
{
    token_reasons_t reasons = read_one(ERR_LIB_ASN1, 0xA0);

    ok(!reasons.pin && !reasons.missing && !reasons.vague,
       "an own library's number is none of a token's");
    reasons = read_one(ERR_LIB_EVP, ERR_R_ASN1_LIB);
    ok(!reasons.first, "who passed an error on is no reason");
}

static void test_texts(void)
{
    static ERR_STRING_DATA strings[] = {
        { ERR_PACK(0, 0, 1000), "Wrong PIN" },
        { ERR_PACK(0, 0, 1001), "object not found" },
        { ERR_PACK(0, 0, 1002), "it is broken" },
        { ERR_PACK(0, 0, 1003), "the PKCS#11 pin is locked" },
        { ERR_PACK(0, 0, 1004), "Pin expired" },
        { 0, NULL },
    };
    token_reasons_t reasons;

    ERR_load_strings(library, strings);
    ok(read_one(library, 1000).pin, "a text about a PIN");
    ok(read_one(library, 1003).pin, "or a pin");
    ok(read_one(library, 1004).pin, "or a Pin");
    ok(read_one(library, 1001).missing, "what was not found is missing");
    reasons = read_one(library, 1002);
    ok(!reasons.pin && !reasons.missing, "another text is neither");
    is(reasons.first, "it is broken", "it is the reason");

    ERR_raise(library, 1001);
    ERR_raise(library, 1002);
    is(token_reasons_read().first, "object not found", "the first counts");
    ERR_raise(library, 1002);
    ERR_raise(library, 1000);
    ERR_raise(library, 1001);
    reasons = token_reasons_read();
    is(reasons.first, "Wrong PIN", "but one about a PIN before all");
    ok(!reasons.missing, "and nothing after it");
}

/* OpenSSL looks for a file of that name, too, before it asks a token. */
static void test_by_the_way(void)
{
    static ERR_STRING_DATA strings[] = {
        { ERR_PACK(0, 0, 999), "its module was not found" },
        { 0, NULL },
    };
    token_reasons_t reasons;

    ERR_load_strings(ERR_LIB_ENGINE, strings);
    reasons = read_one(ERR_LIB_ENGINE, 999);
    ok(reasons.guess && !reasons.missing, "an engine is missed, not a key");
    ok(!read_one(ERR_LIB_SYS, 2).first, "the system's error is no reason");
    reasons = read_one(ERR_LIB_OSSL_STORE, 107);
    ok(reasons.first && reasons.guess, "a loader's is, for lack of a better");
    ERR_raise(ERR_LIB_OSSL_STORE, 107);
    ERR_raise(library, 1002);
    reasons = token_reasons_read();
    is(reasons.first, "it is broken", "but a token's is one");
    ok(!reasons.guess, "and is no guess");
    ERR_raise(library, 1002);
    ERR_raise(ERR_LIB_OSSL_STORE, 107);
    is(token_reasons_read().first, "it is broken", "whichever comes first");
    ok(read_one(ERR_LIB_DSO, 106).guess, "a shared library's is a guess, too");
}

static void test_none(void)
{
    token_reasons_t reasons;

    ERR_clear_error();
    reasons = token_reasons_read();
    ok(!reasons.first && !reasons.pin && !reasons.missing && !reasons.vague,
       "an empty queue tells nothing");
}

int main(void)
{
    library = ERR_get_next_error_library();
    test_values();
    test_own();
    test_texts();
    test_by_the_way();
    test_none();
    return done_testing();
}
