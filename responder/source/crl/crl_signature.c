/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/crl_signature.h"

#include <limits.h>

#include <openssl/asn1.h>
#include <openssl/x509v3.h>
#include "base/openssl_error.h"
#include "ocsp/certificate.h"

/* Whether it is encoded as it is there. */
static int is_alike(bytes_t der, const X509_NAME *name)
{
    const unsigned char *data;
    size_t length;

    return X509_NAME_get0_der(name, &data, &length)
        && bytes_are(der, data, length);
}

int crl_signature_is_name_of(bytes_t der, const X509 *certificate,
                             int *is_unsure)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME *name = NULL;
    int tries, is_equal = 0;

    ERR_clear_error();
    if (is_alike(der, subject))
        return 1;
    /* Twice: see certificate_is_signed_by(). */
    for (tries = 0; tries < 2 && !name; tries++) {
        const unsigned char *at = der.data;

        ERR_clear_error();
        name = d2i_X509_NAME(NULL, &at, (long)der.len);
    }
    if (name)
        is_equal = X509_NAME_cmp(name, subject) == 0;
    else
        *is_unsure |= openssl_error_lacks_memory();
    X509_NAME_free(name);
    return is_equal;
}

/* NULL: libcrypto cannot read it, so that it verifies nothing. */
static EVP_PKEY *crl_signature_key(X509 *certificate, int *is_unsure)
{
    EVP_PKEY *key;

    ERR_clear_error();
    key = X509_get0_pubkey(certificate);
    if (!key)
        *is_unsure |= openssl_error_lacks_memory();
    return key;
}

int crl_signature_has_issued(X509 *issuer, X509 *subject, int *is_unsure)
{
    int has = 0;

    if (crl_signature_key(issuer, is_unsure)
        && X509_NAME_cmp(X509_get_subject_name(issuer),
                         X509_get_issuer_name(subject))
            == 0)
        has = certificate_is_signed_by(subject, issuer);
    *is_unsure |= has < 0;
    ERR_clear_error();
    return has > 0;
}

/* Has libcrypto verify the bytes as they are: an ANY is not encoded anew. */
static int verify(const revocation_list_t *list, EVP_PKEY *key)
{
    const unsigned char *tbs_at = list->tbs.data;
    const unsigned char *algorithm_at = list->algorithm.data;
    const unsigned char *signature_at = list->signature.data;
    ASN1_TYPE *tbs = d2i_ASN1_TYPE(NULL, &tbs_at, (long)list->tbs.len);
    X509_ALGOR *algorithm =
        d2i_X509_ALGOR(NULL, &algorithm_at, (long)list->algorithm.len);
    ASN1_BIT_STRING *signature =
        d2i_ASN1_BIT_STRING(NULL, &signature_at, (long)list->signature.len);
    const int verified = tbs && algorithm && signature
        && ASN1_item_verify(ASN1_ITEM_rptr(ASN1_ANY), algorithm, signature, tbs,
                            key)
            == 1;

    ASN1_TYPE_free(tbs);
    X509_ALGOR_free(algorithm);
    ASN1_BIT_STRING_free(signature);
    return verified;
}

int crl_signature_verify(const revocation_list_t *list, X509 *signer,
                         int *is_unsure)
{
    EVP_PKEY *key = crl_signature_key(signer, is_unsure);
    int tries;

    if (!key || list->der.len > INT_MAX
        || !(X509_get_key_usage(signer) & KU_CRL_SIGN))
        return 0;
    /* Twice: see certificate_is_signed_by(). */
    for (tries = 0; tries < 2; tries++) {
        ERR_clear_error();
        if (verify(list, key))
            return 1;
    }
    *is_unsure |= openssl_error_lacks_memory();
    return 0;
}
