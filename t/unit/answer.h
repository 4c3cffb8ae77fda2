/* SPDX-License-Identifier: Apache-2.0
 * Answers made in a small world of one CA, parsed again and verified against
 * its root alone. */
#ifndef T_UNIT_ANSWER_H
#define T_UNIT_ANSWER_H

#include <apr_strings.h>
#include <openssl/ocsp.h>
#include "pki.h"
#include "ocsp/response.h"

/* No test needs all of it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"

#define SEC(n) apr_time_from_sec(n)

static apr_pool_t *pool; /* the test's, made in main() */

/* -- a small world --------------------------------------------------------- */

typedef struct {
    X509 *root;
    const issuer_t *issuer;
    signer_t *signer;
    int delegated;
} world_t;

static void world_signer(world_t *world, X509 *certificate, EVP_PKEY *key)
{
    const char *why;

    MUST(signer_create(&world->signer, pool, certificate, key, "auto", &why)
         == SIGNER_OK);
    MUST(signer_may_sign_for(world->signer, world->issuer, &world->delegated,
                             pool, &why)
         == SIGNER_OK);
}

/* responder NULL: the root's own key signs. */
static world_t world_of(const char *root, const char *responder)
{
    EVP_PKEY *root_key = pki_key(pool, root);
    EVP_PKEY *key = responder ? pki_key(pool, responder) : root_key;
    world_t world = { .root = pki_root(pool, root_key) };
    const char *why;

    world.issuer =
        pki_must((void *)issuer_create(pool, world.root, &why), "issuer");
    world_signer(&world,
                 responder ? pki_responder(pool, key, root_key) : world.root,
                 key);
    return world;
}

static response_terms_t terms_of(const world_t *world)
{
    return (response_terms_t){ .issuer = world->issuer,
                               .signer = world->signer,
                               .delegated = world->delegated,
                               .times = { SEC(PKI_NOW), SEC(PKI_NOW - 60),
                                          SEC(PKI_NOW + 600) } };
}

/* Its bytes, which are what an answer repeats. */
static request_certid_t certid(X509 *ca, const EVP_MD *md, int null_parameters,
                               const char *serial)
{
    ASN1_INTEGER *number = s2i_ASN1_INTEGER(NULL, serial);
    OCSP_CERTID *id = OCSP_cert_id_new(md, X509_get_subject_name(ca),
                                       X509_get0_pubkey_bitstr(ca), number);
    unsigned char *der = NULL, *p;
    int len = i2d_OCSP_CERTID(id, &der);

    ASN1_INTEGER_free(number);
    OCSP_CERTID_free(id);
    p = apr_pmemdup(pool, der, len);
    OPENSSL_free(der);
    if (!null_parameters) {
        /* SEQUENCE { SEQUENCE { OID, NULL }, … } without the NULL; the lengths
         * of these fit in one byte, SHA-384's and SHA-512's do not. */
        int outer = p[1] & 0x80 ? 3 : 2;
        int end = outer + 2 + p[outer + 1];

        memmove(p + end - 2, p + end, len - end);
        p[outer + 1] -= 2;
        p[outer - 1] -= 2;
        len -= 2;
    }
    return (request_certid_t){ .der = { p, len } };
}

static request_t request_of(const request_certid_t *certids, int count)
{
    return (request_t){ .certids = certids, .certid_count = count };
}

/* -- answers, parsed ------------------------------------------------------- */

/* Whether the bytes are those that OpenSSL would write. */
static int is_der(bytes_t der, OCSP_RESPONSE *response, OCSP_BASICRESP *basic)
{
    unsigned char *again = NULL;
    int len = i2d_OCSP_RESPONSE(response, &again);
    int same = len == (int)der.len && memcmp(again, der.data, der.len) == 0;

    OPENSSL_free(again);
    again = NULL;
    len = i2d_OCSP_BASICRESP(basic, &again);
    /* What is wrapped in an OCTET STRING is not looked into above. */
    same = same && len > 0 && (int)der.len > len
        && memcmp(der.data + der.len - len, again, len) == 0;
    OPENSSL_free(again);
    return same;
}

/* NULL when it is not DER, does not parse or does not verify. The caller frees
 * it. */
static OCSP_BASICRESP *parsed(bytes_t der, X509 *root)
{
    const unsigned char *p = der.data;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)der.len);
    OCSP_BASICRESP *basic = NULL;
    X509_STORE *store = X509_STORE_new();
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    STACK_OF(X509) *others = sk_X509_new_null();

    X509_VERIFY_PARAM_set_time(param, PKI_NOW);
    X509_STORE_add_cert(store, root);
    sk_X509_push(others, root);
    if (response && p == der.data + der.len
        && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
        basic = OCSP_response_get1_basic(response);
    if (basic
        && (!is_der(der, response, basic)
            || OCSP_basic_verify(basic, others, store, 0) != 1)) {
        ERR_print_errors_fp(stdout);
        OCSP_BASICRESP_free(basic);
        basic = NULL;
    }
    ERR_clear_error();
    sk_X509_free(others);
    X509_STORE_free(store);
    OCSP_RESPONSE_free(response);
    return basic;
}

/* Signs, parses, verifies. Ends the test when that fails. */
static OCSP_BASICRESP *answer(const world_t *world, const request_t *request,
                              const ocsp_responder_status_t *statuses,
                              const response_terms_t *terms)
{
    const char *why = NULL;
    bytes_t der = { 0 };

    if (!response_sign(&der, pool, request, statuses, terms, &why))
        pki_must(NULL, why);
    ok(ERR_peek_error() == 0, "the error queue is empty");
    return pki_must(parsed(der, world->root), "parse and verify");
}

/* One status, asked with SHA-1. */
static OCSP_BASICRESP *answer_one(const world_t *world,
                                  ocsp_responder_status_t status,
                                  const response_terms_t *terms)
{
    request_certid_t id = certid(world->root, EVP_sha1(), 1, "5");
    request_t request = request_of(&id, 1);

    return answer(world, &request, &status, terms);
}

static int is_time(const ASN1_GENERALIZEDTIME *time, const char *want)
{
    int same = time && ASN1_STRING_length(time) == (int)strlen(want)
        && memcmp(ASN1_STRING_get0_data(time), want, strlen(want)) == 0;

    if (!same)
        printf("# got %.*s, want %s\n", time ? ASN1_STRING_length(time) : 0,
               time ? (const char *)ASN1_STRING_get0_data(time) : "", want);
    return same;
}

/* What the only extension of a kind holds, as long as it is not critical. */
static bytes_t extension(const X509_EXTENSION *found)
{
    bytes_t bytes = { 0 };

    if (found && !X509_EXTENSION_get_critical(found)) {
        const ASN1_OCTET_STRING *value =
            X509_EXTENSION_get_data((X509_EXTENSION *)found);

        bytes.data = ASN1_STRING_get0_data(value);
        bytes.len = ASN1_STRING_length(value);
    }
    return bytes;
}

static bytes_t response_extension(OCSP_BASICRESP *basic, const char *oid)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    int at = OCSP_BASICRESP_get_ext_by_OBJ(basic, object, -1);

    ASN1_OBJECT_free(object);
    return extension(at < 0 ? NULL : OCSP_BASICRESP_get_ext(basic, at));
}

static bytes_t single_extension(OCSP_BASICRESP *basic, const char *oid)
{
    OCSP_SINGLERESP *single = OCSP_resp_get0(basic, 0);
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    int at = OCSP_SINGLERESP_get_ext_by_OBJ(single, object, -1);

    ASN1_OBJECT_free(object);
    return extension(at < 0 ? NULL : OCSP_SINGLERESP_get_ext(single, at));
}

static int same_bytes(bytes_t bytes, const char *want, size_t len)
{
    return bytes.data && bytes.len == len && memcmp(bytes.data, want, len) == 0;
}

/* What the first single response says. */
static int first_status(OCSP_BASICRESP *basic, int *reason,
                        ASN1_GENERALIZEDTIME **revoked)
{
    *revoked = NULL;
    *reason = -2;
    return OCSP_single_get0_status(OCSP_resp_get0(basic, 0), reason, revoked,
                                   NULL, NULL);
}

#pragma GCC diagnostic pop

#endif
