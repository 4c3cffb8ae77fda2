/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/profile_case.h"

#include "apr_strings.h"
#include <openssl/core_names.h>
#include <openssl/x509v3.h>

#include "ocsp/response.h"

/* A location may have several. */
static const char *of_signer(const profile_case_t *tested, const char *text)
{
    return apr_psprintf(tested->pool, "OCSPResponderCert, certificate %s: %s",
                        tested->authority->signer->serial, text);
}

static int has_extension(const profile_case_t *tested, int nid)
{
    return X509_get_ext_by_NID(tested->certificate, nid, -1) >= 0;
}

const char *profile_signer_usage_extended(const profile_case_t *tested)
{
    EXTENDED_KEY_USAGE *usages =
        X509_get_ext_d2i(tested->certificate, NID_ext_key_usage, NULL, NULL);
    int count = sk_ASN1_OBJECT_num(usages);

    sk_ASN1_OBJECT_pop_free(usages, ASN1_OBJECT_free);
    return tested->authority->delegated && count != 1
        ? of_signer(tested, "its extended key usage is OCSPSigning alone")
        : NULL;
}

const char *profile_signer_no_check(const profile_case_t *tested)
{
    return tested->authority->delegated
            && !has_extension(tested, NID_id_pkix_OCSP_noCheck)
        ? of_signer(tested, "it has the extension id-pkix-ocsp-nocheck")
        : NULL;
}

const char *profile_signer_usage(const profile_case_t *tested)
{
    return (X509_get_extension_flags(tested->certificate) & EXFLAG_KUSAGE)
            && (X509_get_key_usage(tested->certificate) & KU_DIGITAL_SIGNATURE)
        ? NULL
        : of_signer(tested,
                    "its key usage has digitalSignature, also where it is the "
                    "CA's own");
}

const char *profile_signer_key_identifier(const profile_case_t *tested)
{
    return tested->authority->delegated
            && !has_extension(tested, NID_authority_key_identifier)
        ? of_signer(tested, "it has an authorityKeyIdentifier")
        : NULL;
}

const char *profile_signer_alternative_name(const profile_case_t *tested)
{
    return tested->authority->delegated
            && has_extension(tested, NID_subject_alt_name)
        ? of_signer(tested, "it has no subjectAltName")
        : NULL;
}

/* The CA's own is sent only by a root. */
const char *profile_signer_not_sent(const profile_case_t *tested)
{
    const authority_t *authority = tested->authority;
    const bytes_t sent = response_certificate(
        authority->issuer, authority->signer, authority->delegated);

    return sent.len
        ? NULL
        : of_signer(tested,
                    "answers hold the certificate of who signs, which an "
                    "intermediate CA's own is not; let a responder sign for "
                    "it");
}

const char *profile_signer_lifetime(const profile_case_t *tested)
{
    const signer_t *signer = tested->authority->signer;

    return tested->authority->delegated
            && signer->not_after - signer->not_before
                > apr_time_from_sec(45 * 24 * 3600)
        ? of_signer(tested, "it lives for 45 days at most")
        : NULL;
}

/* Of RSA-PSS, which only a key with restrictions makes otherwise. */
const char *profile_signer_salt(const profile_case_t *tested)
{
    EVP_PKEY *key = X509_get0_pubkey(tested->certificate);
    const EVP_MD *md;
    char name[80];
    int length;

    if (!key || !EVP_PKEY_is_a(key, "RSA-PSS")
        || EVP_PKEY_get_default_digest_name(key, name, sizeof(name)) != 2
        || !EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_RSA_PSS_SALTLEN,
                                   &length))
        return NULL;
    md = EVP_get_digestbyname(name);
    return !md || length == EVP_MD_get_size(md)
        ? NULL
        : of_signer(tested,
                    "its key makes salts that are as long as its hashes");
}

const char *profile_signer_strength(const profile_case_t *tested)
{
    EVP_PKEY *own = X509_get0_pubkey(tested->certificate);
    EVP_PKEY *ca = X509_get0_pubkey(tested->authority->issuer->certificate);

    return own && ca
            && EVP_PKEY_get_security_bits(own) < EVP_PKEY_get_security_bits(ca)
        ? of_signer(tested, "its key is no weaker than the CA's")
        : NULL;
}
