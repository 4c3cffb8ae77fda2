/* SPDX-License-Identifier: Apache-2.0
 * stored_response.h: what was signed beforehand, true or not. */
#include <apr_general.h>
#include "answer.h"
#include "ocsp/stored_response.h"

/* What is stored, and what is asked. */
typedef struct {
    world_t world;
    request_certid_t certid;
    ocsp_responder_status_t status;
    response_terms_t terms;
    apr_time_t expires, now;
} case_t;

static case_t plain(void)
{
    static world_t world;
    case_t made = { .status = { .cert_status = OCSP_RESPONDER_GOOD },
                    .expires = SEC(PKI_NOW + 9999),
                    .now = SEC(PKI_NOW + 1) };

    if (!world.root)
        world = world_of("EC:P-256", "ED25519");
    made.world = world;
    made.terms = terms_of(&world);
    made.certid = certid(world.root, EVP_sha1(), 1, "5");
    return made;
}

static bytes_t stored(const case_t *made)
{
    const request_t request = request_of(&made->certid, 1);
    const char *why;
    bytes_t der;

    MUST(response_sign(&der, pool, &request, &made->status, &made->terms,
                       &why));
    return der;
}

static const char *check(const case_t *asked, bytes_t der,
                         response_times_t *times)
{
    const ocsp_responder_stored_t response = { der, asked->expires };
    const stored_response_wanted_t wanted = { &asked->certid,
                                              asked->world.issuer,
                                              &asked->status, asked->now };
    const char *why = stored_response_check(times, pool, &response, &wanted);

    ok(ERR_peek_error() == 0, "the error queue is empty");
    return why;
}

static void refused(const case_t *asked, bytes_t der, const char *want,
                    const char *name)
{
    response_times_t times;
    const char *why = check(asked, der, &times);

    ok(why && strstr(why, want), "%s: %s", name, why ? why : "taken");
}

static void test_taken(void)
{
    case_t one = plain();
    response_times_t times;

    ok(!check(&one, stored(&one), &times), "a good one");
    ok(times.produced_at == SEC(PKI_NOW)
           && times.this_update == SEC(PKI_NOW - 60)
           && times.next_update == SEC(PKI_NOW + 600),
       "its times");
    one.expires = SEC(PKI_NOW + 10);
    ok(!check(&one, stored(&one), &times)
           && times.next_update == SEC(PKI_NOW + 10),
       "what expires earlier");
    one.status =
        (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_REVOKED,
                                   .revocation_time = SEC(PKI_NOW - 99),
                                   .reason = 1 };
    ok(!check(&one, stored(&one), &times), "a revoked one");
    one.status.reason = 0;
    ok(!check(&one, stored(&one), &times), "without a reason");
}

static void test_other_status(void)
{
    static const char other[] = "does not say";
    case_t good = plain(), revoked = plain(), asked;

    revoked.status =
        (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_REVOKED,
                                   .revocation_time = SEC(PKI_NOW - 99),
                                   .reason = 1 };
    refused(&revoked, stored(&good), other, "good, but it was revoked");
    refused(&good, stored(&revoked), other, "revoked, but it is good again");
    asked = revoked;
    asked.status.reason = 4;
    refused(&asked, stored(&revoked), other, "another reason");
    asked = revoked;
    asked.status.revocation_time += SEC(1);
    refused(&asked, stored(&revoked), other, "another date");
    asked = good;
    asked.status.cert_status = OCSP_RESPONDER_UNKNOWN;
    refused(&asked, stored(&good), other, "one never issued");
    refused(&asked, stored(&asked), other, "unknown is never sent");
}

/* Signed by somebody else, who lets a time lie ahead. */
static void test_future(void)
{
    static const char past[] = "20291231235821Z", ahead[] = "20300101000139Z";
    case_t one = plain();
    unsigned char *copy;
    bytes_t der;
    apr_size_t i;

    one.status =
        (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_REVOKED,
                                   .revocation_time = SEC(PKI_NOW - 99) };
    der = stored(&one);
    copy = apr_pmemdup(pool, der.data, der.len);
    for (i = 0; i + 15 < der.len && memcmp(copy + i, past, 15) != 0; i++)
        ;
    memcpy(copy + i, ahead, 15);
    one.status.revocation_time = SEC(PKI_NOW + 99);
    refused(&one, (bytes_t){ copy, der.len }, "does not say",
            "revoked after producedAt");
}

static void test_other_question(void)
{
    case_t one = plain(), asked = one;
    request_certid_t two[] = { one.certid, one.certid };
    ocsp_responder_status_t statuses[] = { one.status, one.status };
    request_t request = request_of(two, 2);
    const char *why;
    bytes_t der;

    asked.certid = certid(one.world.root, EVP_sha1(), 1, "6");
    refused(&asked, stored(&one), "another CertID", "another serial");
    asked.certid = certid(one.world.root, EVP_sha1(), 0, "5");
    refused(&asked, stored(&one), "another CertID", "parameters that differ");
    MUST(response_sign(&der, pool, &request, statuses, &one.terms, &why));
    refused(&one, der, "not about one", "two in one");
}

static void test_times(void)
{
    case_t one = plain();
    bytes_t der = stored(&one);

    one.now = SEC(PKI_NOW - 61);
    refused(&one, der, "not yet valid", "before thisUpdate");
    one.now = SEC(PKI_NOW + 600);
    refused(&one, der, "expired", "at nextUpdate");
    one = plain();
    one.expires = one.now;
    refused(&one, der, "expired", "at its expiry");
    one.expires = 0;
    refused(&one, der, "not known when", "no expiry");
    one = plain();
    one.terms.times.next_update = SEC(PKI_NOW + 999 * PKI_DAY);
    one.expires = one.terms.times.next_update;
    one.now = SEC(PKI_NOW + 400 * PKI_DAY);
    refused(&one, stored(&one), "not valid now", "the signer has ended");
    one = plain();
    one.terms.times.this_update = SEC(PKI_NOW - 999 * PKI_DAY);
    one.now = SEC(PKI_NOW - 400 * PKI_DAY);
    refused(&one, stored(&one), "not valid now", "the signer begins later");
}

static void test_signers(void)
{
    case_t one = plain(), other = plain();
    EVP_PKEY *key = pki_key(pool, "ED25519");
    const char *why;

    other.world = world_of("EC:P-256", "ED25519");
    other.terms = terms_of(&other.world);
    other.certid = one.certid;
    refused(&one, stored(&other), "its signer", "another CA's responder");
    MUST(signer_create(
             &one.world.signer, pool,
             pki_cert(pool,
                      (pki_cert_t){ .cn = "r",
                                    .key = key,
                                    .issuer_cn = "root",
                                    .issuer_key = pki_key(pool, "EC:P-256"),
                                    .extended = "OCSPSigning" }),
             key, "auto", &why)
         == SIGNER_OK);
    one.terms.signer = one.world.signer;
    refused(&one, stored(&one), "its signer", "a namesake's");
}

static void test_damaged(void)
{
    case_t one = plain();
    bytes_t der = stored(&one);
    unsigned char *copy = apr_pmemdup(pool, der.data, der.len);
    response_times_t times;
    int taken = 0;
    apr_size_t i;

    for (i = 0; i < der.len; i++) {
        const bytes_t shorter = { der.data, i };
        const bytes_t changed = { copy, der.len };
        const ocsp_responder_stored_t cut = { shorter, one.expires };
        const ocsp_responder_stored_t flipped = { changed, one.expires };
        const stored_response_wanted_t wanted = { &one.certid, one.world.issuer,
                                                  &one.status, one.now };

        taken += !stored_response_check(&times, pool, &cut, &wanted);
        copy[i] ^= 1;
        taken += !stored_response_check(&times, pool, &flipped, &wanted);
        copy[i] ^= 1;
    }
    ok(taken == 0, "cut anywhere, or with a bit flipped (%d taken)", taken);
    refused(&one, bytes_join(pool, der, (bytes_t){ der.data, 1 }), "follows",
            "a byte behind it");
    refused(&one, response_error(RESPONSE_TRY_LATER), "not a successful",
            "an error");
    refused(&one, (bytes_t){ NULL, 0 }, "no OCSP response", "nothing");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_taken();
    test_other_status();
    test_future();
    test_other_question();
    test_times();
    test_signers();
    test_damaged();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
