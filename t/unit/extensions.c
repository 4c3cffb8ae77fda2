/* SPDX-License-Identifier: Apache-2.0
 * response.h: the extensions of an answer, each alone and all together. */
#include <apr_general.h>
#include "answer.h"

static void test_invalidity_date(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic = answer_one(
        world,
        (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_REVOKED,
                                   .has_invalidity_date = 1,
                                   .invalidity_date = SEC(1700000000) },
        &terms);

    ok(same_bytes(single_extension(basic, "2.5.29.24"),
                  "\x18\x0f"
                  "20231114221320Z",
                  17),
       "invalidityDate");
    OCSP_BASICRESP_free(basic);
}

static void test_archive_cutoff(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic;

    terms.archive_cutoff = RESPONSE_CUTOFF_CA;
    basic = answer_one(
        world, (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_GOOD },
        &terms);
    ok(same_bytes(single_extension(basic, "1.3.6.1.5.5.7.48.1.6"),
                  "\x18\x0f"
                  "20290101000000Z",
                  17),
       "archive cutoff is the issuer's notBefore");
    OCSP_BASICRESP_free(basic);
}

static void test_retention(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic;

    terms.archive_cutoff = RESPONSE_CUTOFF_RETENTION;
    terms.retention = 7 * 365 * (apr_int64_t)86400;
    basic = answer_one(
        world, (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_GOOD },
        &terms);
    ok(same_bytes(single_extension(basic, "1.3.6.1.5.5.7.48.1.6"),
                  "\x18\x0f"
                  "20230103000000Z",
                  17),
       "archive cutoff is a retention before producedAt");
    OCSP_BASICRESP_free(basic);
}

#define CERT_HASH "1.3.36.8.3.13"

static void test_cert_hash(const world_t *world)
{
    static const int statuses[] = { OCSP_RESPONDER_UNKNOWN, OCSP_RESPONDER_GOOD,
                                    OCSP_RESPONDER_REVOKED };
    static const char want[] =
        "\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20"
        "0123456789abcdef0123456789abcdef";
    response_terms_t terms = terms_of(world);
    size_t i;

    for (i = 0; i < 3; i++) {
        ocsp_responder_status_t status = {
            .cert_status = statuses[i],
            .cert_hash = { (const unsigned char *)want + 17, 32 }
        };
        OCSP_BASICRESP *basic = answer_one(world, status, &terms);

        ok(statuses[i] == OCSP_RESPONDER_UNKNOWN
               ? !single_extension(basic, CERT_HASH).data
               : same_bytes(single_extension(basic, CERT_HASH), want,
                            sizeof(want) - 1),
           "CertHash with status %d", statuses[i]);
        OCSP_BASICRESP_free(basic);
    }
}

static void test_nonce(const world_t *world)
{
    static const size_t lengths[] = { 1, 16, 127, 128 };
    unsigned char nonce[128];
    char want[131];
    size_t i, j;

    for (i = 0; i < sizeof(nonce); i++)
        nonce[i] = (unsigned char)(255 - i);
    for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        response_terms_t terms = terms_of(world);
        OCSP_BASICRESP *basic;

        terms.nonce = (bytes_t){ nonce, lengths[i] };
        basic = answer_one(world,
                           (ocsp_responder_status_t){ .cert_status =
                                                          OCSP_RESPONDER_GOOD },
                           &terms);
        j = 0;
        want[j++] = 0x04;
        if (lengths[i] > 127)
            want[j++] = '\x81';
        want[j++] = (char)lengths[i];
        memcpy(want + j, nonce, lengths[i]);
        ok(same_bytes(response_extension(basic, "1.3.6.1.5.5.7.48.1.2"), want,
                      j + lengths[i]),
           "a nonce of %d bytes", (int)lengths[i]);
        OCSP_BASICRESP_free(basic);
    }
}

static void test_extended_revoke(const world_t *world)
{
    const ocsp_responder_status_t hold = { .cert_status =
                                               OCSP_RESPONDER_REVOKED,
                                           .reason = 6 };
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic = answer_one(world, hold, &terms);

    ok(OCSP_BASICRESP_get_ext_count(basic) == 0, "no extended revoke");
    OCSP_BASICRESP_free(basic);
    terms.extended_revoke = 1;
    basic = answer_one(world, hold, &terms);
    ok(same_bytes(response_extension(basic, "1.3.6.1.5.5.7.48.1.9"), "\x05\x00",
                  2),
       "id-pkix-ocsp-extended-revoke");
    OCSP_BASICRESP_free(basic);
}

/* All of them at once, and the last of several decides. */
static void test_together(const world_t *world)
{
    request_certid_t ids[] = { certid(world->root, EVP_sha1(), 1, "1"),
                               certid(world->root, EVP_sha256(), 0, "2") };
    request_t request = request_of(ids, 2);
    ocsp_responder_status_t statuses[] = {
        { .cert_status = OCSP_RESPONDER_REVOKED, .has_invalidity_date = 1 },
        { 0 }
    };
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic;

    terms.extended_revoke = 1;
    terms.archive_cutoff = RESPONSE_CUTOFF_CA;
    terms.nonce = (bytes_t){ (const unsigned char *)"n", 1 };
    basic = answer(world, &request, statuses, &terms);
    ok(OCSP_BASICRESP_get_ext_count(basic) == 2, "nonce and extended revoke");
    ok(OCSP_SINGLERESP_get_ext_count(OCSP_resp_get0(basic, 0)) == 2
           && OCSP_SINGLERESP_get_ext_count(OCSP_resp_get0(basic, 1)) == 1,
       "invalidity date and archive cutoff where they belong");
    OCSP_BASICRESP_free(basic);
}

int main(void)
{
    world_t world;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    world = world_of("EC:P-256", "EC:P-256");
    test_invalidity_date(&world);
    test_archive_cutoff(&world);
    test_retention(&world);
    test_cert_hash(&world);
    test_nonce(&world);
    test_extended_revoke(&world);
    test_together(&world);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
