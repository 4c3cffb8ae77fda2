/* SPDX-License-Identifier: Apache-2.0
 * Whom a signer may sign for, as clients see it. */
#include "ocsp/signer.h"

#include "apr_strings.h"
#include <openssl/x509v3.h>
#include "base/openssl_error.h"
#include "ocsp/certificate.h"
#include "ocsp/unreadable.h"

/* What no client takes any more: MD5 and SHA-1, RSA below 1024 bits. */
#define SECURITY_LEVEL 1
/* Of what is weaker, RSA of 1024 bits or P-192, only some clients say no. */
#define SECURITY_BITS 112

/* RFC 6960 §4.2.2.2 for the extended usage, RFC 5280 §4.2.1.12 for both. */
static const char *missing_usage(X509 *certificate)
{
    if (!(X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE)
        || !(X509_get_extended_key_usage(certificate) & XKU_OCSP_SIGN))
        return "the certificate lacks the extended key usage OCSPSigning";
    if (!(X509_get_key_usage(certificate)
          & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
        return "the certificate's key usage has neither digitalSignature nor "
               "nonRepudiation";
    return NULL;
}

/* -- the path to the CA ---------------------------------------------------- */

/* OpenSSL 4 takes an authorityKeyIdentifier for a hint; clients with an older
 * one, and others, refuse one that is not the CA's. */
static int names_key_of(const X509 *certificate, const X509 *ca)
{
    AUTHORITY_KEYID *id =
        X509_get_ext_d2i(certificate, NID_authority_key_identifier, NULL, NULL);
    int is_its = !id || X509_check_akid(ca, id) == X509_V_OK;

    AUTHORITY_KEYID_free(id);
    return is_its;
}

static signer_check_t unchecked(apr_pool_t *pool, const char **why)
{
    *why = openssl_error(pool, "the certificate cannot be checked");
    return SIGNER_ERROR;
}

/* What was issued by the CA's key is refused for what it says of the CA. What
 * says the right of it was not checked, for want of memory. */
static signer_check_t not_issued(X509 *certificate, X509 *ca, apr_pool_t *pool,
                                 const char **why)
{
    switch (certificate_is_signed_by(certificate, ca)) {
    case 1:
        break;
    case 0:
        X509_verify(certificate, X509_get0_pubkey(ca)); /* for its reason */
        *why = openssl_error(
            pool, "the certificate is neither the CA's nor issued by it");
        return SIGNER_NOT_ISSUED;
    default:
        return unchecked(pool, why);
    }
    if (X509_NAME_cmp(X509_get_issuer_name(certificate),
                      X509_get_subject_name(ca))
        != 0)
        *why = "the CA's key issued the certificate, but under another name "
               "than the CA's, so that clients refuse its answers; issue it "
               "anew";
    else if (!names_key_of(certificate, ca))
        *why = "the certificate's authorityKeyIdentifier is not the CA's, so "
               "that clients refuse its answers; issue it anew";
    else
        return unchecked(pool, why);
    return SIGNER_REFUSED;
}

static signer_check_t refused(X509_STORE_CTX *ctx, apr_pool_t *pool,
                              const char **why)
{
    *why = apr_psprintf(
        pool, "clients refuse %s: %s; issue it anew",
        X509_STORE_CTX_get_error_depth(ctx) ? "the CA's certificate"
                                            : "the certificate",
        X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
    return SIGNER_REFUSED;
}

static signer_check_t signer_path_check(X509_STORE_CTX *ctx, X509 *certificate,
                                        X509 *ca, apr_pool_t *pool,
                                        const char **why)
{
    switch (X509_verify_cert(ctx) == 1 ? X509_V_OK
                                       : X509_STORE_CTX_get_error(ctx)) {
    case X509_V_OK:
        return names_key_of(certificate, ca)
            ? SIGNER_OK
            : not_issued(certificate, ca, pool, why);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return not_issued(certificate, ca, pool, why);
    case X509_V_ERR_UNSPECIFIED:
    case X509_V_ERR_OUT_OF_MEM:
    case X509_V_ERR_STORE_LOOKUP:
        return unchecked(pool, why);
    default:
        return refused(ctx, pool, why);
    }
}

/* The CA is trusted, whoever issued it; dates are for others to look at. */
static X509_STORE_CTX *prepare(X509_STORE *store, X509 *certificate, X509 *ca)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *param;

    if (!ctx || !X509_STORE_add_cert(store, ca)
        || !X509_STORE_CTX_init(ctx, store, certificate, NULL)) {
        X509_STORE_CTX_free(ctx);
        return NULL;
    }
    param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_flags(
        param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    return ctx;
}

static signer_check_t check_delegated(X509 *certificate, X509 *ca,
                                      apr_pool_t *pool, const char **why)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = store ? prepare(store, certificate, ca) : NULL;
    signer_check_t check = ctx
        ? signer_path_check(ctx, certificate, ca, pool, why)
        : unchecked(pool, why);

    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return check;
}

/* Why the public key of a CA cannot be read. */
static const char *why_no_key(apr_pool_t *pool, const X509 *ca)
{
    const char *unknown = unreadable_public_key(pool, ca);

    return apr_pstrcat(pool, "OpenSSL cannot read the CA's public key, ",
                       unknown ? "of the kind " : "", unknown ? unknown : "",
                       unknown ? ": " : "so ",
                       "nobody can be checked to sign for it", NULL);
}

signer_check_t signer_may_sign_for(const signer_t *signer,
                                   const issuer_t *issuer, int *delegated,
                                   apr_pool_t *pool, const char **why)
{
    EVP_PKEY *ca_key = X509_get0_pubkey(issuer->certificate);
    const char *missing = NULL;
    signer_check_t check;

    ERR_clear_error();
    if (!ca_key) {
        *why = why_no_key(pool, issuer->certificate);
        return SIGNER_ERROR;
    }
    *delegated =
        EVP_PKEY_eq(X509_get0_pubkey(signer->certificate), ca_key) != 1;
    ERR_clear_error();
    if (!*delegated)
        return SIGNER_OK;
    check =
        check_delegated(signer->certificate, issuer->certificate, pool, why);
    ERR_clear_error();
    if (check == SIGNER_OK)
        missing = missing_usage(signer->certificate);
    if (!missing)
        return check;
    *why = missing;
    return SIGNER_NO_USAGE;
}

/* -- what only some clients mind ------------------------------------------- */

apr_array_header_t *signer_warnings(apr_pool_t *pool, const signer_t *signer,
                                    int delegated)
{
    apr_array_header_t *warnings = apr_array_make(pool, 1, sizeof(char *));

    if (delegated
        && X509_get_ext_by_NID(signer->certificate, NID_id_pkix_OCSP_noCheck,
                               -1)
            < 0)
        APR_ARRAY_PUSH(warnings, const char *) =
            "the certificate lacks id-pkix-ocsp-nocheck, so clients may ask "
            "for its own status before they believe it; issue it with that "
            "extension";
    if (!delegated
        && !(X509_get_key_usage(signer->certificate) & KU_DIGITAL_SIGNATURE))
        APR_ARRAY_PUSH(warnings, const char *) =
            "the CA signs itself, but its key usage lacks digitalSignature, "
            "so some clients refuse its answers; use a responder certificate";
    if (EVP_PKEY_get_security_bits(X509_get0_pubkey(signer->certificate))
        < SECURITY_BITS)
        APR_ARRAY_PUSH(warnings, const char *) =
            "the key is weaker than RSA of 2048 bits or EC of 224, so some "
            "clients refuse its answers (Java those of such curves); make a "
            "stronger one";
    return warnings;
}
