/* SPDX-License-Identifier: Apache-2.0
 * response.h: every answer is parsed again and verified against the root. */
#include <apr_general.h>
#include "answer.h"

/* -- errors and times ------------------------------------------------------ */

static void test_errors(void)
{
    static const response_error_t rows[] = { RESPONSE_MALFORMED_REQUEST,
                                             RESPONSE_INTERNAL_ERROR,
                                             RESPONSE_TRY_LATER,
                                             RESPONSE_UNAUTHORIZED };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        bytes_t got = response_error(rows[i]);
        unsigned char want[] = { 0x30, 0x03, 0x0A, 0x01, rows[i] };

        ok(same_bytes(got, (char *)want, 5), "error %d is its five octets",
           (int)rows[i]);
    }
}

static void test_next_update(void)
{
    const apr_time_t now = SEC(PKI_NOW);
    const struct {
        const char *name;
        apr_time_t issuer, from, to, now;
        apr_int64_t validity;
        apr_time_t want;
    } rows[] = {
        { "now and validity", now + SEC(9999), 0, now + SEC(9999), now, 600,
          now + SEC(600) },
        { "fractions are cut", now + SEC(9999), 0, now + SEC(9999),
          now + 999999, 600, now + SEC(600) },
        { "capped by the signer", now + SEC(99), 0, now + SEC(10), now, 600,
          now + SEC(10) },
        { "capped by the issuer", now + SEC(10), 0, now + SEC(99), now, 600,
          now + SEC(10) },
        { "exactly the cap", now + SEC(999), 0, now + SEC(600), now, 600,
          now + SEC(600) },
        { "an issuer that is past", now - SEC(1), 0, now + SEC(99), now, 50,
          now + SEC(50) },
        { "an issuer that ends now", now, 0, now + SEC(99), now, 50,
          now + SEC(50) },
        { "an issuer that is past, the signer's cap", now - SEC(1), 0,
          now + SEC(20), now, 50, now + SEC(20) },
        { "the signer's first second", now + SEC(99), now, now + SEC(99), now,
          5, now + SEC(5) },
        { "not yet valid", now + SEC(99), now + SEC(1), now + SEC(99), now, 5,
          0 },
        { "not yet valid by a fraction", now + SEC(99), now + SEC(1),
          now + SEC(99), now + 999999, 5, 0 },
        { "expired", now + SEC(99), 0, now - SEC(1), now, 5, 0 },
        { "the signer's last second", now + SEC(99), 0, now, now, 5, 0 },
        { "the second before it", now + SEC(99), 0, now + SEC(1), now + 1, 5,
          now + SEC(1) },
        { "a validity without end", SEC(APR_INT64_C(253402300799)), 0,
          SEC(APR_INT64_C(253402300799)), now, APR_INT64_C(0x7FFFFFFFFFFFFFFF),
          SEC(APR_INT64_C(253402300799)) },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        issuer_t issuer = { .not_after = rows[i].issuer };
        signer_t signer = { .not_before = rows[i].from,
                            .not_after = rows[i].to };

        ok(response_next_update(&issuer, &signer, rows[i].now, rows[i].validity)
               == rows[i].want,
           "nextUpdate: %s", rows[i].name);
    }
}

/* -- keys ------------------------------------------------------------------ */

static int by_key(OCSP_BASICRESP *basic, X509 *certificate)
{
    const ASN1_OCTET_STRING *id;
    const X509_NAME *name;
    unsigned char want[EVP_MAX_MD_SIZE];

    X509_pubkey_digest(certificate, EVP_sha1(), want, NULL);
    return OCSP_resp_get0_id(basic, &id, &name) && id && !name
        && ASN1_STRING_length(id) == 20
        && memcmp(ASN1_STRING_get0_data(id), want, 20) == 0;
}

/* The signature's digest and, of RSA-PSS, the salt's length. */
static int signature_is(OCSP_BASICRESP *basic, const EVP_MD *md)
{
    const X509_ALGOR *algorithm = OCSP_resp_get0_tbs_sigalg(basic);
    const ASN1_OBJECT *object;
    const void *value;
    int type, digest = NID_undef;
    RSA_PSS_PARAMS *pss;

    X509_ALGOR_get0(&object, &type, &value, algorithm);
    if (OBJ_obj2nid(object) != NID_rsassaPss) {
        OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, NULL);
        return digest == (md ? EVP_MD_get_type(md) : NID_undef);
    }
    pss = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS),
                                    algorithm->parameter);
    digest = pss && pss->hashAlgorithm
        ? OBJ_obj2nid(pss->hashAlgorithm->algorithm)
        : NID_sha1;
    type = pss && pss->saltLength ? (int)ASN1_INTEGER_get(pss->saltLength) : 20;
    RSA_PSS_PARAMS_free(pss);
    return digest == EVP_MD_get_type(md)
        && (type == EVP_MD_get_size(md) || type == 40);
}

static void check_certs(OCSP_BASICRESP *basic, const world_t *world)
{
    const STACK_OF(X509) *certs = OCSP_resp_get0_certs(basic);

    ok(by_key(basic, world->signer->certificate), "ResponderID is by key");
    if (world->delegated)
        ok(sk_X509_num(certs) == 1
               && X509_cmp(sk_X509_value(certs, 0), world->signer->certificate)
                   == 0,
           "certs is the signer's");
    else
        ok(certs == NULL, "certs is absent");
}

static void test_keys(void)
{
    static const struct {
        const char *kind, *digest;
    } rows[] = {
        { "RSA", "SHA256" },
        { "RSA-PSS", "SHA256" },
        { "RSA-PSS:SHA384", "SHA384" },
        { "EC:P-256", "SHA256" },
        { "EC:P-384", "SHA384" },
        { "EC:P-521", "SHA512" },
        { "ED25519", "none" },
        { "ED448", "none" },
    };
    const ocsp_responder_status_t good = { .cert_status = OCSP_RESPONDER_GOOD };
    size_t i;
    int delegated;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (delegated = 0; delegated < 2; delegated++) {
            world_t world = world_of(delegated ? "EC:P-256" : rows[i].kind,
                                     delegated ? rows[i].kind : NULL);
            response_terms_t terms = terms_of(&world);
            OCSP_BASICRESP *basic = answer_one(&world, good, &terms);

            ok(world.delegated == delegated, "%s %s", rows[i].kind,
               delegated ? "delegated" : "direct");
            ok(signature_is(basic, EVP_get_digestbyname(rows[i].digest)),
               "signed with %s", rows[i].digest);
            check_certs(basic, &world);
            OCSP_BASICRESP_free(basic);
        }
}

/* -- statuses -------------------------------------------------------------- */

static void test_statuses(const world_t *world)
{
    static const struct {
        const char *name;
        int status, openssl;
    } rows[] = {
        { "unknown", OCSP_RESPONDER_UNKNOWN, V_OCSP_CERTSTATUS_UNKNOWN },
        { "good", OCSP_RESPONDER_GOOD, V_OCSP_CERTSTATUS_GOOD },
        { "revoked", OCSP_RESPONDER_REVOKED, V_OCSP_CERTSTATUS_REVOKED },
    };
    response_terms_t terms = terms_of(world);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ocsp_responder_status_t status = { .cert_status = rows[i].status,
                                           .revocation_time = SEC(1700000000),
                                           .reason = 1,
                                           .has_invalidity_date = 1,
                                           .invalidity_date = SEC(1) };
        OCSP_BASICRESP *basic = answer_one(world, status, &terms);
        ASN1_GENERALIZEDTIME *revoked;
        int reason;

        ok(first_status(basic, &reason, &revoked) == rows[i].openssl,
           "%s is sent as such", rows[i].name);
        ok(OCSP_SINGLERESP_get_ext_count(OCSP_resp_get0(basic, 0))
               == (rows[i].status == OCSP_RESPONDER_REVOKED),
           "with no left-over extension");
        OCSP_BASICRESP_free(basic);
    }
}

static void test_reasons(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    int reason;

    for (reason = -1; reason <= 12; reason++) {
        ocsp_responder_status_t status = { .cert_status =
                                               OCSP_RESPONDER_REVOKED,
                                           .revocation_time = SEC(1700000000),
                                           .reason = reason };
        OCSP_BASICRESP *basic = answer_one(world, status, &terms);
        ASN1_GENERALIZEDTIME *revoked;
        int got, absent = reason <= 0 || reason == 7 || reason > 10;

        first_status(basic, &got, &revoked);
        ok(got == (absent ? -1 : reason), "reason %d is %s", reason,
           absent ? "absent" : "sent");
        ok(is_time(revoked, "20231114221320Z"), "with the revocation time");
        OCSP_BASICRESP_free(basic);
    }
}

static void test_times(const world_t *world)
{
    static const struct {
        apr_int64_t time;
        const char *text;
    } rows[] = {
        { 0, "19700101000000Z" },
        { -1, "19691231235959Z" },
        { -86400, "19691231000000Z" },
        { 951782400, "20000229000000Z" },
        { APR_INT64_C(4294967296), "21060207062816Z" },
        { APR_INT64_C(253402300799), "99991231235959Z" },
    };
    response_terms_t terms = terms_of(world);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ocsp_responder_status_t status = { .cert_status =
                                               OCSP_RESPONDER_REVOKED,
                                           .revocation_time =
                                               SEC(rows[i].time) };
        OCSP_BASICRESP *basic = answer_one(world, status, &terms);
        ASN1_GENERALIZEDTIME *revoked;
        int reason;

        first_status(basic, &reason, &revoked);
        ok(is_time(revoked, rows[i].text), "revoked at %s", rows[i].text);
        OCSP_BASICRESP_free(basic);
    }
}

static void test_updates(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic = answer_one(
        world, (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_GOOD },
        &terms);
    ASN1_GENERALIZEDTIME *from, *to;

    OCSP_single_get0_status(OCSP_resp_get0(basic, 0), NULL, NULL, &from, &to);
    ok(is_time(from, "20300101000000Z"), "thisUpdate");
    ok(is_time(to, "20300101001000Z"), "nextUpdate");
    ok(is_time(OCSP_resp_get0_produced_at(basic), "20300101000000Z"),
       "producedAt is thisUpdate");
    ok(OCSP_BASICRESP_get_ext_count(basic) == 0, "no response extensions");
    OCSP_BASICRESP_free(basic);
}

/* -- CertIDs --------------------------------------------------------------- */

static int echoes(OCSP_BASICRESP *basic, int at, bytes_t want)
{
    unsigned char *der = NULL;
    int len = i2d_OCSP_CERTID(
        OCSP_SINGLERESP_get0_id(OCSP_resp_get0(basic, at)), &der);
    int same = len == (int)want.len && memcmp(der, want.data, want.len) == 0;

    OPENSSL_free(der);
    return same;
}

static void test_certids(const world_t *world)
{
    const EVP_MD *mds[] = { EVP_sha1(), EVP_sha256(), EVP_sha384(),
                            EVP_sha512() };
    static const char *const serials[] = {
        "0",
        "127",
        "128",
        "-129",
        "0x7F00112233445566778899AABBCCDDEEFF001122",
        "0xFF00112233445566778899AABBCCDDEEFF001122",
        "0x"
        "FF00112233445566778899AABBCCDDEEFF001122"
        "FF00112233445566778899AABBCCDDEEFF001122",
        "1"
    };
    request_certid_t ids[8];
    request_t request = request_of(ids, 8);
    ocsp_responder_status_t statuses[8] = { { 0 } };
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic;
    int i;

    for (i = 0; i < 8; i++) {
        ids[i] = certid(world->root, mds[i / 2], i % 2, serials[i]);
        statuses[i].cert_status =
            i % 3 == 0 ? OCSP_RESPONDER_GOOD : OCSP_RESPONDER_REVOKED;
        statuses[i].revocation_time = SEC(i);
    }
    basic = answer(world, &request, statuses, &terms);
    ok(OCSP_resp_count(basic) == 8, "as many answers as questions");
    for (i = 0; i < 8; i++) {
        int status = OCSP_single_get0_status(OCSP_resp_get0(basic, i), NULL,
                                             NULL, NULL, NULL);

        ok(echoes(basic, i, ids[i].der), "CertID %s in its octets, %s NULL",
           serials[i], i % 2 ? "with" : "without");
        ok(status
               == (i % 3 == 0 ? V_OCSP_CERTSTATUS_GOOD
                              : V_OCSP_CERTSTATUS_REVOKED),
           "and its own status");
    }
    OCSP_BASICRESP_free(basic);
}

/* As many as may be asked for; the lengths take three octets. */
static void test_many(const world_t *world)
{
    static request_certid_t ids[1000];
    static ocsp_responder_status_t statuses[1000];
    request_t request = request_of(ids, 1000);
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic;
    int i, same = 1;

    for (i = 0; i < 1000; i++)
        ids[i] = certid(world->root, EVP_sha512(), 1,
                        apr_psprintf(pool, "%d", i * 77));
    basic = answer(world, &request, statuses, &terms);
    for (i = 0; i < 1000; i++)
        same = same && echoes(basic, i, ids[i].der);
    ok(same && OCSP_resp_count(basic) == 1000, "a thousand CertIDs");
    OCSP_BASICRESP_free(basic);
}

/* -- failures -------------------------------------------------------------- */

static int sign_one(ocsp_responder_status_t status,
                    const response_terms_t *terms, X509 *root, const char **why)
{
    request_certid_t id = certid(root, EVP_sha1(), 1, "5");
    request_t request = request_of(&id, 1);
    bytes_t der = { 0 };
    int rv;

    *why = NULL;
    rv = response_sign(&der, pool, &request, &status, terms, why);
    ok(!der.data == (rv != 0), "octets only when signed");
    ok(!*why == (rv == 0), "why: %s", *why ? *why : "(NULL)");
    ok(ERR_peek_error() == 0, "the error queue is empty");
    return rv;
}

static void test_failures(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    signer_t crippled = *world->signer;
    ocsp_responder_status_t good = { .cert_status = OCSP_RESPONDER_GOOD };
    const char *why;

    ok(sign_one((ocsp_responder_status_t){ .cert_status = 3 }, &terms,
                world->root, &why)
           == -1,
       "a status that is none");
    ok(sign_one(
           (ocsp_responder_status_t){ .cert_status =
                                          (ocsp_responder_cert_status_t)-1 },
           &terms, world->root, &why)
           == -1,
       "nor is that one");
    ok(sign_one((ocsp_responder_status_t){ .cert_status =
                                               OCSP_RESPONDER_REVOKED,
                                           .revocation_time =
                                               SEC(APR_INT64_C(253402300800)) },
                &terms, world->root, &why)
           == -1,
       "a time after 9999");
    crippled.prepared = NULL;
    crippled.key = X509_get0_pubkey(world->signer->certificate);
    terms.signer = &crippled;
    ok(sign_one(good, &terms, world->root, &why) == -1,
       "a key without its private half");
    /* What others left in the queue is neither told nor kept. */
    ERR_raise(ERR_LIB_USER, 1);
    terms.signer = world->signer;
    ok(sign_one(good, &terms, world->root, &why) == 0, "a stale error");
}

int main(void)
{
    world_t world;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    world = world_of("EC:P-256", "EC:P-256");
    test_errors();
    test_next_update();
    test_keys();
    test_statuses(&world);
    test_reasons(&world);
    test_times(&world);
    test_updates(&world);
    test_certids(&world);
    test_many(&world);
    test_failures(&world);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
