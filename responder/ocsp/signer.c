/* SPDX-License-Identifier: Apache-2.0
 * Who signs in a CA's name, and with what. */
#include "ocsp/signer.h"

#include <string.h>
#include "apr_strings.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include "ocsp/certificate.h"
#include "ocsp/owned.h"
#include "ocsp/unreadable.h"
#include "base/der_reader.h"
#include "base/openssl_error.h"

/* -- digests --------------------------------------------------------------- */

/* As strong as the key: NIST SP 800-57 part 1, table 3. */
static const EVP_MD *digest_of_strength(int bits)
{
    return bits > 192 ? EVP_sha512() : bits > 128 ? EVP_sha384() : EVP_sha256();
}

/* Whether the key allows one digest only, or none, and its name: "UNDEF". */
static int mandatory_digest(EVP_PKEY *key, char *name, size_t size)
{
    return EVP_PKEY_get_default_digest_name(key, name, size) == 2;
}

static const EVP_MD *digest_for_key(EVP_PKEY *key)
{
    char name[80] = "";

    if (!mandatory_digest(key, name, sizeof(name))) {
        if (EVP_PKEY_is_a(key, "EC"))
            return digest_of_strength(EVP_PKEY_get_security_bits(key));
        if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS")
            || EVP_PKEY_is_a(key, "DSA"))
            return EVP_sha256();
    }
    return EVP_get_digestbyname(name);
}

int signer_sign(bytes_t *signature, apr_pool_t *pool, const signer_t *signer,
                bytes_t bytes, const char **why)
{
    return signer->remote
        ? signer->remote(signer->remote_context, signature, pool, signer, bytes,
                         why)
        : signing_sign(signature, pool, signer->signing, bytes, why);
}

/* -- the signer ------------------------------------------------------------ */

/* No DER: a trial can be no part of an answer. */
static const unsigned char trial[] = "mod_ocsp_responder: a trial signature";

/* What a provider calls the algorithm, as OpenSSL asks for it to sign an
 * answer. OpenSSL then decodes it into the answer, and when it gets no memory
 * for that it frees a part of the answer as if it were a block of its own. */
static int ask_algorithm(bytes_t *algorithm, apr_pool_t *pool, EVP_MD_CTX *ctx)
{
    unsigned char der[128];
    OSSL_PARAM params[] = { OSSL_PARAM_construct_octet_string(
                                OSSL_SIGNATURE_PARAM_ALGORITHM_ID, der,
                                sizeof(der)),
                            OSSL_PARAM_construct_end() };
    const size_t *len = &params[0].return_size;

    if (EVP_PKEY_CTX_get_params(EVP_MD_CTX_get_pkey_ctx(ctx), params) <= 0
        || !OSSL_PARAM_modified(params) || *len == 0 || *len > sizeof(der))
        return 0;
    *algorithm = bytes_copy(pool, der, *len);
    return 1;
}

static int try_provider(signer_t *signer, apr_pool_t *pool, EVP_MD_CTX *ctx)
{
    const bytes_t bytes = { trial, sizeof(trial) };
    size_t len = (size_t)EVP_PKEY_get_size(signer->key);
    unsigned char *room = apr_palloc(pool, len);

    if (!ask_algorithm(&signer->algorithm, pool, ctx)
        || !signing_once(ctx, room, &len, bytes))
        return 0;
    return signer_verifies(signer, bytes, (bytes_t){ room, len });
}

/* Signs an answer about nothing, verifies it, and keeps what OpenSSL calls
 * the algorithm. */
static int try_engine(signer_t *signer, apr_pool_t *pool, EVP_MD_CTX *ctx)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    int rv = basic
        && OCSP_basic_sign_ctx(basic, signer->certificate, ctx, NULL,
                               OCSP_NOTIME | OCSP_RESPID_KEY)
        && OCSP_basic_verify(basic, NULL, NULL, OCSP_NOVERIFY) > 0;

    if (rv)
        signer->algorithm = certificate_encode(
            pool, ASN1_ITEM_rptr(X509_ALGOR), OCSP_resp_get0_tbs_sigalg(basic));

    OCSP_BASICRESP_free(basic);
    return rv && signer->algorithm.data;
}

static int try_out(signer_t *signer, apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = signing_begin(signer->signing);
    int rv = 0;

    if (ctx)
        rv = EVP_PKEY_get0_provider(signer->key)
            ? try_provider(signer, pool, ctx)
            : try_engine(signer, pool, ctx);
    EVP_MD_CTX_free(ctx);
    return rv;
}

/* The digest to sign with, NULL for none, in *md. */
static int choose_digest(const EVP_MD **md, EVP_PKEY *key, const char *digest)
{
    if (strcmp(digest, "auto") == 0) {
        *md = digest_for_key(key);
        return 1;
    }
    *md = EVP_get_digestbyname(digest);
    return *md != NULL;
}

/* Names a kind of key that OpenSSL does not know. */
static int can_be_used(apr_pool_t *pool, X509 *certificate, const char **why)
{
    const char *unknown;

    if (!certificate_warm(certificate)) {
        *why =
            openssl_error(pool, "the certificate's extensions cannot be read");
        return 0;
    }
    if (X509_get0_pubkey(certificate))
        return 1;
    ERR_clear_error();
    unknown = unreadable_public_key(pool, certificate);
    *why = apr_pstrcat(pool, "the certificate's key ",
                       unknown ? "is of the kind " : "cannot be read", unknown,
                       NULL);
    return 0;
}

int signer_fits(X509 *certificate, const EVP_PKEY *key)
{
    int fits = certificate && key && X509_check_private_key(certificate, key);

    ERR_clear_error();
    return fits;
}

static signer_check_t signer_check_pair(apr_pool_t *pool, X509 *certificate,
                                        const EVP_PKEY *key, const char **why)
{
    if (!can_be_used(pool, certificate, why))
        return SIGNER_ERROR;
    if (!X509_check_private_key(certificate, key)) {
        *why = openssl_error(pool, "the key does not match the certificate");
        return SIGNER_KEY_MISMATCH;
    }
    return SIGNER_OK;
}

static int hash_key(bytes_t *hash, apr_pool_t *pool, const X509 *certificate)
{
    unsigned char *bytes = apr_palloc(pool, EVP_MAX_MD_SIZE);
    unsigned int len;

    if (!X509_pubkey_digest(certificate, EVP_sha1(), bytes, &len))
        return 0;
    hash->data = bytes;
    hash->len = len;
    return 1;
}

/* A signature that fails is the named digest's fault, unless there is none. */
static signer_check_t check_digest(signer_t *signer, apr_pool_t *pool,
                                   const char *digest, const char **why)
{
    if (!choose_digest(&signer->digest, signer->key, digest)) {
        *why = openssl_error(
            pool, apr_psprintf(pool, "no digest is called %s", digest));
        return SIGNER_BAD_DIGEST;
    }
    signer->signing = signing_create(pool, signer->key, signer->digest);
    if (signer->signing && try_out(signer, pool))
        return SIGNER_OK;
    if (strcmp(digest, "auto") == 0) {
        *why = openssl_error(pool, "a signature for trial failed");
        return SIGNER_ERROR;
    }
    *why = openssl_error(
        pool, apr_psprintf(pool, "the key does not sign with %s", digest));
    return SIGNER_BAD_DIGEST;
}

static int encode_key_algorithm(bytes_t *der, apr_pool_t *pool,
                                const X509 *certificate)
{
    *der = certificate_encode(pool, ASN1_ITEM_rptr(X509_ALGOR),
                              certificate_key_algorithm(certificate));
    return der->data != NULL;
}

/* What both kinds of signer have. */
static signer_check_t fill_in(signer_t *made, apr_pool_t *pool,
                              X509 *certificate, EVP_PKEY *key,
                              const char **why)
{
    made->certificate = owned_shared_certificate(pool, certificate);
    made->key = owned_shared_key(pool, key);
    made->serial = certificate_serial(pool, certificate);
    if (made->certificate && made->key && made->serial
        && certificate_validity(&made->not_before, &made->not_after,
                                certificate)
        && certificate_der(&made->certificate_der, pool, certificate)
        && hash_key(&made->key_hash, pool, certificate)
        && encode_key_algorithm(&made->key_algorithm, pool, certificate))
        return SIGNER_OK;
    *why = openssl_error(pool, "the certificate cannot be read");
    return SIGNER_ERROR;
}

signer_check_t signer_create(signer_t **signer, apr_pool_t *pool,
                             X509 *certificate, EVP_PKEY *key,
                             const char *digest, const char **why)
{
    signer_t *made = apr_pcalloc(pool, sizeof(*made));
    signer_check_t check;

    ERR_clear_error();
    check = signer_check_pair(pool, certificate, key, why);
    if (check == SIGNER_OK)
        check = fill_in(made, pool, certificate, key, why);
    if (check == SIGNER_OK)
        check = check_digest(made, pool, digest, why);
    if (check == SIGNER_OK)
        *signer = made;
    return check;
}

const signer_t *signer_create_remote(apr_pool_t *pool, X509 *certificate,
                                     bytes_t algorithm, signer_remote_t remote,
                                     void *context, const char **why)
{
    signer_t *made = apr_pcalloc(pool, sizeof(*made));
    EVP_PKEY *key = X509_get0_pubkey(certificate);

    ERR_clear_error();
    if (!can_be_used(pool, certificate, why)
        || fill_in(made, pool, certificate, key, why) != SIGNER_OK)
        return NULL;
    made->algorithm = bytes_copy(pool, algorithm.data, algorithm.len);
    made->remote = remote;
    made->remote_context = context;
    return made;
}

/* -- which of several ------------------------------------------------------ */

/* Whether an AlgorithmIdentifier, DER, is what a client names: if it names no
 * parameters, with any. */
static int is_algorithm(bytes_t own, const request_algorithm_t *wanted)
{
    der_element_t whole, name;

    return der_take(&own, DER_SEQUENCE, &whole)
        && der_take(&whole.contents, DER_OBJECT, &name)
        && bytes_equal(name.contents, wanted->oid)
        && (der_is_none(wanted->parameters)
            || bytes_equal(whole.contents, wanted->parameters));
}

static int is_preferred(const signer_t *signer,
                        const request_preferred_t *preferred)
{
    return is_algorithm(signer->algorithm, &preferred->signature)
        && (!preferred->key.oid.data
            || is_algorithm(signer->key_algorithm, &preferred->key));
}

int signer_choose(const signer_t *const *signers, int count,
                  const request_t *request)
{
    bytes_t rest = request->preferred;
    request_preferred_t preferred;
    int i, first = 0;

    while (request_take_preferred(&rest, &preferred))
        for (i = 0; i < count; i++)
            if (signers[i] && is_preferred(signers[i], &preferred))
                return i;
    while (first < count - 1 && !signers[first])
        first++;
    return count > 0 && signers[first] ? first : 0;
}

/* -- whether it can sign now ----------------------------------------------- */

/* But for a key with restrictions, which has one length. */
static int allow_any_salt(EVP_PKEY_CTX *ctx, EVP_PKEY *key)
{
    char name[80];

    return !EVP_PKEY_is_a(key, "RSA-PSS")
        || mandatory_digest(key, name, sizeof(name))
        || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_AUTO) > 0;
}

int signer_verifies(const signer_t *signer, bytes_t bytes, bytes_t signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY *key = X509_get0_pubkey(signer->certificate);
    EVP_PKEY_CTX *key_ctx = NULL;
    int rv = ctx && key
        && EVP_DigestVerifyInit(ctx, &key_ctx, signer->digest, NULL, key) > 0
        && allow_any_salt(key_ctx, key)
        && EVP_DigestVerify(ctx, signature.data, signature.len, bytes.data,
                            bytes.len)
            == 1;

    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return rv;
}

int signer_try(apr_pool_t *pool, const signer_t *signer, const char **why)
{
    const bytes_t bytes = { trial, sizeof(trial) };
    const char *details;
    bytes_t signature;

    if (!signer_sign(&signature, pool, signer, bytes, &details)) {
        *why = "the key does not sign";
        return 0;
    }
    if (!signer_verifies(signer, bytes, signature)) {
        *why = "the certificate does not verify what the key signs";
        return 0;
    }
    return 1;
}
