/* SPDX-License-Identifier: Apache-2.0
 * dual_certid.h: one answer for requests by SHA-1 and by SHA-256. */
#include <apr_general.h>
#include "answer.h"
#include "ocsp/dual_certid.h"

static const char *const serials[] = {
    "0",
    "1",
    "127",
    "128",
    "0x7F00112233445566778899AABBCCDDEEFF001122",
    "0xFF00112233445566778899AABBCCDDEEFF001122"
};

/* A request as one that was sent. */
static const request_t *sent(X509 *ca, const EVP_MD *md, int null,
                             const char *serial)
{
    request_certid_t id = certid(ca, md, null, serial);
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    const unsigned char *p = id.der.data;
    unsigned char *der = NULL;
    const char *why = NULL;
    const request_t *read;
    int len;

    MUST(OCSP_request_add0_id(request,
                              d2i_OCSP_CERTID(NULL, &p, (long)id.der.len)));
    len = i2d_OCSP_REQUEST(request, &der);
    p = apr_pmemdup(pool, der, len);
    OPENSSL_free(der);
    OCSP_REQUEST_free(request);
    read = request_parse(pool, (bytes_t){ p, len }, 1, &why);
    return pki_must((void *)read, why);
}

static int same(bytes_t a, bytes_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static void test_both(const world_t *world, const char *serial, int null)
{
    bytes_t sha1 = certid(world->root, EVP_sha1(), null, serial).der;
    bytes_t sha256 = certid(world->root, EVP_sha256(), null, serial).der;
    int i;

    for (i = 0; i < 2; i++) {
        const request_t *request =
            sent(world->root, i ? EVP_sha256() : EVP_sha1(), null, serial);
        request_t dual;

        ok(dual_certid(&dual, pool, world->issuer, request)
               && dual.certid_count == 2 && same(dual.certids[0].der, sha1)
               && same(dual.certids[1].der, sha256),
           "serial %s asked by SHA-%s, %s parameters", serial, i ? "256" : "1",
           null ? "NULL" : "no");
    }
}

static void test_others(const world_t *world)
{
    request_t dual;

    ok(!dual_certid(&dual, pool, world->issuer,
                    sent(world->root, EVP_sha384(), 1, "5")),
       "SHA-384 is answered alone");
}

static void test_answer(const world_t *world)
{
    const request_t *request = sent(world->root, EVP_sha1(), 1, "5");
    const ocsp_responder_status_t statuses[] = {
        { .cert_status = OCSP_RESPONDER_GOOD },
        { .cert_status = OCSP_RESPONDER_GOOD },
    };
    response_terms_t terms = terms_of(world);
    ASN1_INTEGER *five = s2i_ASN1_INTEGER(NULL, "5");
    OCSP_CERTID *sha256 =
        OCSP_cert_id_new(EVP_sha256(), X509_get_subject_name(world->root),
                         X509_get0_pubkey_bitstr(world->root), five);
    OCSP_BASICRESP *basic;
    request_t dual;

    MUST(dual_certid(&dual, pool, world->issuer, request));
    basic = answer(world, &dual, statuses, &terms);
    ok(OCSP_resp_count(basic) == 2, "two single responses");
    ok(OCSP_resp_find(basic, sha256, -1) == 1, "OpenSSL finds the second");
    OCSP_CERTID_free(sha256);
    ASN1_INTEGER_free(five);
    OCSP_BASICRESP_free(basic);
}

int main(void)
{
    world_t world;
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    world = world_of("EC:P-256", "EC:P-256");
    for (i = 0; i < sizeof(serials) / sizeof(*serials); i++) {
        test_both(&world, serials[i], 0);
        test_both(&world, serials[i], 1);
    }
    test_others(&world);
    test_answer(&world);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
