/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/signer_trial.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

/* No DER: a trial can be no part of an answer. */
static const unsigned char text[] = "mod_ocsp_responder: a trial signature";

static int verifies(const signer_t *signer, bytes_t signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY *key = X509_get0_pubkey(signer->certificate);
    EVP_PKEY_CTX *key_ctx = NULL;
    int rv = ctx && key
        && EVP_DigestVerifyInit(ctx, &key_ctx, signer->digest, NULL, key) > 0
        && (!EVP_PKEY_is_a(key, "RSA-PSS")
            || EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_AUTO)
                > 0)
        && EVP_DigestVerify(ctx, signature.data, signature.len, text,
                            sizeof(text))
            == 1;

    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return rv;
}

int signer_trial(apr_pool_t *pool, const signer_t *signer, const char **why)
{
    const bytes_t bytes = { text, sizeof(text) };
    const char *details;
    bytes_t signature;

    if (!signer_sign(&signature, pool, signer, bytes, &details)) {
        *why = "the key does not sign";
        return 0;
    }
    if (!verifies(signer, signature)) {
        *why = "the certificate does not verify what the key signs";
        return 0;
    }
    return 1;
}
