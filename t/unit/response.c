/* SPDX-License-Identifier: Apache-2.0
 * response.h: every answer is parsed again and verified against the root. */
#include <apr_general.h>
#include "answer.h"
#include "ocsp/certificate.h"

/* -- errors --------------------------------------------------------------- */

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

        ok(same_bytes(got, (char *)want, 5), "error %d is its five bytes",
           (int)rows[i]);
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
    ok(sk_X509_num(certs) == 1
           && X509_cmp(sk_X509_value(certs, 0), world->signer->certificate)
               == 0,
       "certs is the signer's");
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

/* -- certificates ---------------------------------------------------------- */

static const ocsp_responder_status_t good_one = { .cert_status =
                                                      OCSP_RESPONDER_GOOD };

/* An intermediate CA that signs with its own key, verified by itself. */
static void test_intermediate(void)
{
    EVP_PKEY *root = pki_key(pool, "EC:P-256"), *key = pki_key(pool, "ED25519");
    X509 *inter = pki_cert(
        pool,
        (pki_cert_t){ .cn = "inter",
                      .key = key,
                      .issuer_cn = "root",
                      .issuer_key = root,
                      .ca = "critical,CA:TRUE",
                      .usage = "critical,keyCertSign,digitalSignature" });
    world_t world = { .root = inter };
    bytes_t der = { 0 };
    request_certid_t id = certid(inter, EVP_sha1(), 1, "5");
    request_t request = request_of(&id, 1);
    const unsigned char *p;
    response_terms_t terms;
    OCSP_RESPONSE *response;
    OCSP_BASICRESP *basic;
    const char *why;

    world.issuer = pki_must((void *)issuer_create(pool, inter, &why), "issuer");
    world_signer(&world, inter, key);
    terms = terms_of(&world);
    terms.chain = world.signer->certificate_der;
    MUST(response_sign(&der, pool, &request, &good_one, &terms, &why));
    p = der.data;
    response = pki_must(d2i_OCSP_RESPONSE(NULL, &p, (long)der.len), "response");
    basic = OCSP_response_get1_basic(response);
    ok(basic && OCSP_resp_get0_certs(basic) == NULL,
       "certs is absent where an intermediate CA signs, chain or not");
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
}

static void test_chain(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    X509 *other = pki_root(pool, pki_key(pool, "ED25519"));
    const STACK_OF(X509) * certs;
    OCSP_BASICRESP *basic;
    bytes_t one;

    MUST(certificate_der(&one, pool, other));
    MUST(certificate_der(&terms.chain, pool, world->root));
    terms.chain = bytes_join(pool, terms.chain, one);
    basic = answer_one(world, good_one, &terms);
    certs = OCSP_resp_get0_certs(basic);
    ok(sk_X509_num(certs) == 3, "certs holds the signer's and the chain");
    ok(X509_cmp(sk_X509_value(certs, 0), world->signer->certificate) == 0
           && X509_cmp(sk_X509_value(certs, 1), world->root) == 0
           && X509_cmp(sk_X509_value(certs, 2), other) == 0,
       "in this order");
    OCSP_BASICRESP_free(basic);
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
        OCSP_BASICRESP *basic;

        terms.times.produced_at = SEC(APR_INT64_C(253402300799));
        basic = answer_one(world, status, &terms);
        ASN1_GENERALIZEDTIME *revoked = NULL;
        int reason;

        first_status(basic, &reason, &revoked);
        ok(is_time(revoked, rows[i].text), "revoked at %s", rows[i].text);
        OCSP_BASICRESP_free(basic);
    }
}

/* Nothing lies behind producedAt. */
static void test_future(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic = answer_one(
        world,
        (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_REVOKED,
                                   .revocation_time = SEC(PKI_NOW + 1),
                                   .has_invalidity_date = 1,
                                   .invalidity_date = SEC(PKI_NOW + 3600) },
        &terms);
    ASN1_GENERALIZEDTIME *revoked;
    int reason;

    first_status(basic, &reason, &revoked);
    ok(is_time(revoked, "20300101000000Z"), "revoked in the future is now");
    ok(same_bytes(single_extension(basic, "2.5.29.24"),
                  "\x18\x0f"
                  "20300101000000Z",
                  17),
       "so is an invalidity date");
    OCSP_BASICRESP_free(basic);
}

static void test_updates(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    OCSP_BASICRESP *basic = answer_one(
        world, (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_GOOD },
        &terms);
    ASN1_GENERALIZEDTIME *from, *to;

    OCSP_single_get0_status(OCSP_resp_get0(basic, 0), NULL, NULL, &from, &to);
    ok(is_time(from, "20291231235900Z"), "thisUpdate");
    ok(is_time(to, "20300101001000Z"), "nextUpdate");
    ok(is_time(OCSP_resp_get0_produced_at(basic), "20300101000000Z"),
       "producedAt");
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
    request_certid_t ids[8] = { 0 };
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

        ok(echoes(basic, i, ids[i].der), "CertID %s in its bytes, %s NULL",
           serials[i], i % 2 ? "with" : "without");
        ok(status
               == (i % 3 == 0 ? V_OCSP_CERTSTATUS_GOOD
                              : V_OCSP_CERTSTATUS_REVOKED),
           "and its own status");
    }
    OCSP_BASICRESP_free(basic);
}

/* As many as may be asked for; the lengths take three bytes. */
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
    ok(!der.data == !rv, "bytes only when signed");
    ok(!*why == (rv != 0), "why: %s", *why ? *why : "(NULL)");
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
           == 0,
       "a status that is none");
    ok(sign_one(
           (ocsp_responder_status_t){ .cert_status =
                                          (ocsp_responder_cert_status_t)-1 },
           &terms, world->root, &why)
           == 0,
       "nor is that one");
    terms.times.next_update = SEC(APR_INT64_C(253402300800));
    ok(sign_one(good, &terms, world->root, &why) == 0, "a time after 9999");
    terms.times.next_update = SEC(APR_INT64_C(253402300799));
    crippled.signing =
        signing_create(pool, X509_get0_pubkey(world->signer->certificate),
                       world->signer->digest);
    terms.signer = &crippled;
    ok(sign_one(good, &terms, world->root, &why) == 0,
       "a key without its private half");
    /* What others left in the queue is neither told nor kept. */
    ERR_raise(ERR_LIB_USER, 1);
    terms.signer = world->signer;
    ok(sign_one(good, &terms, world->root, &why) == 1, "a stale error");
}

int main(void)
{
    world_t world;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    world = world_of("EC:P-256", "EC:P-256");
    test_errors();
    test_keys();
    test_intermediate();
    test_chain(&world);
    test_statuses(&world);
    test_reasons(&world);
    test_times(&world);
    test_updates(&world);
    test_future(&world);
    test_certids(&world);
    test_many(&world);
    test_failures(&world);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
