/* SPDX-License-Identifier: Apache-2.0
 * stored_response_check(): what it takes is what OpenSSL verifies, about the
 * CertID that was asked for, and says the status. The input is a byte (even:
 * the certificate is good, odd: it is revoked) and an OCSPResponse. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include <openssl/ocsp.h>
#include "../unit/pki.h"
#include "ocsp/stored_response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

/* -- a world that is the same each time ------------------------------------ */

static apr_pool_t *root_pool;
static X509 *root;
static const issuer_t *issuer;
static request_certid_t asked;

static EVP_PKEY *fixed_key(int byte)
{
    unsigned char raw[32];

    memset(raw, byte, sizeof(raw));
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw,
                                        sizeof(raw));
}

static void make_world(void)
{
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    unsigned char *der = NULL;
    const char *why;
    OCSP_CERTID *id;
    EVP_PKEY *key;

    apr_initialize();
    apr_pool_create(&root_pool, NULL);
    key = fixed_key(1);
    root = pki_root(root_pool, key);
    EVP_PKEY_free(key);
    issuer = issuer_create(root_pool, root, &why);
    ASN1_INTEGER_set(serial, 5);
    id = OCSP_cert_id_new(EVP_sha1(), X509_get_subject_name(root),
                          X509_get0_pubkey_bitstr(root), serial);
    asked.der.len = (apr_size_t)i2d_OCSP_CERTID(id, &der);
    asked.der.data = der;
    OCSP_CERTID_free(id);
    ASN1_INTEGER_free(serial);
    require(issuer != NULL);
}

/* -- what is taken --------------------------------------------------------- */

static void check_verified(OCSP_BASICRESP *basic)
{
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *others = sk_X509_new_null();

    sk_X509_push(others, root);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), PKI_NOW);
    X509_STORE_add_cert(store, root);
    require(OCSP_basic_verify(basic, others, store, 0) == 1);
    sk_X509_free(others);
    X509_STORE_free(store);
}

static void check_single(OCSP_BASICRESP *basic, int revoked)
{
    OCSP_SINGLERESP *single = OCSP_resp_get0(basic, 0);
    unsigned char *der = NULL;
    int len = i2d_OCSP_CERTID(OCSP_SINGLERESP_get0_id(single), &der);

    require(OCSP_resp_count(basic) == 1);
    require(bytes_are(asked.der, der, (apr_size_t)len));
    require(OCSP_single_get0_status(single, NULL, NULL, NULL, NULL)
            == (revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD));
    OPENSSL_free(der);
}

static void check_taken(bytes_t der, int revoked)
{
    const unsigned char *p = der.data;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)der.len);
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);

    require(basic && p == der.data + der.len);
    check_verified(basic);
    check_single(basic, revoked);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int revoked = size && *data & 1;
    const ocsp_responder_status_t status = {
        .cert_status = revoked ? OCSP_RESPONDER_REVOKED : OCSP_RESPONDER_GOOD,
        .revocation_time = apr_time_from_sec(PKI_NOW - 99),
        .reason = 1
    };
    const stored_response_wanted_t wanted = { &asked, issuer, &status,
                                              apr_time_from_sec(PKI_NOW) };
    ocsp_responder_stored_t stored = { .expires =
                                           apr_time_from_sec(PKI_NOW + 99) };
    response_times_t times;
    apr_pool_t *pool;
    const char *why;

    if (!root_pool) {
        make_world();
        return LLVMFuzzerTestOneInput(data, size);
    }
    if (!size)
        return 0;
    apr_pool_create(&pool, root_pool);
    stored.der = (bytes_t){ data + 1, size - 1 };
    why = stored_response_check(&times, pool, &stored, &wanted);
    require(ERR_peek_error() == 0);
    require(!why || *why);
    if (!why) {
        require(times.this_update <= wanted.now
                && times.next_update > wanted.now
                && times.next_update <= stored.expires);
        check_taken(stored.der, revoked);
    }
    apr_pool_destroy(pool);
    return 0;
}
