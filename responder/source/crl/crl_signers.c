/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/crl_signers.h"

#include <openssl/x509v3.h>
#include "ocsp/certificate.h"
#include "source/crl/crl_signature.h"

/* A certificate's validity. */
typedef struct {
    apr_time_t from, until;
} validity_t;

typedef struct {
    X509 *ca;
    const apr_array_header_t *sources;
    int *is_unsure; /* crl_signature.h */
} known_t;

/* -- what is in the files -------------------------------------------------- */

/* The n-th certificate that is known, the CA's first; NULL behind the last. */
static X509 *nth_certificate(const known_t *known, int n)
{
    int i;

    if (n-- == 0)
        return known->ca;
    for (i = 0; i < known->sources->nelts; i++) {
        const crl_file_t *file =
            APR_ARRAY_IDX(known->sources, i, crl_source_t).file;

        if (!file)
            continue;
        if (n < file->certificates->nelts)
            return APR_ARRAY_IDX(file->certificates, n, X509 *);
        n -= file->certificates->nelts;
    }
    return NULL;
}

/* -- signers that are revoked ---------------------------------------------- */

static bytes_t crl_signers_serial_of(const X509 *certificate)
{
    const ASN1_INTEGER *number = X509_get0_serialNumber(certificate);
    const bytes_t bytes = { ASN1_STRING_get0_data(number),
                            (apr_size_t)ASN1_STRING_length(number) };

    return bytes_without_zeros(bytes);
}

static int revokes(const revocation_list_t *list, X509 *issuer, bytes_t serial,
                   int *is_unsure)
{
    revocation_list_entry_t entry;

    return crl_signature_is_name_of(list->issuer, issuer, is_unsure)
        && revocation_list_find(list, 0, serial, &entry)
        && entry.says.status.reason != CRL_REASON_REMOVE_FROM_CRL
        && crl_signature_verify(list, issuer, is_unsure);
}

static int is_revoked_by(const known_t *known, X509 *issuer, X509 *signer)
{
    const bytes_t serial = crl_signers_serial_of(signer);
    int i, j;

    for (i = 0; i < known->sources->nelts; i++) {
        const crl_file_t *file =
            APR_ARRAY_IDX(known->sources, i, crl_source_t).file;

        for (j = 0; file && j < file->lists->nelts; j++)
            if (revokes(APR_ARRAY_IDX(file->lists, j,
                                      const revocation_list_t *),
                        issuer, serial, known->is_unsure))
                return 1;
    }
    return 0;
}

/* Whether any CRL of those who have issued the signer's certificate has it, be
 * there a newer one or not: on hold yesterday is reason enough to ask. */
static int is_revoked(const known_t *known, X509 *signer)
{
    X509 *issuer;
    int n;

    for (n = 0; (issuer = nth_certificate(known, n)); n++)
        if (crl_signature_has_issued(issuer, signer, known->is_unsure)
            && is_revoked_by(known, issuer, signer))
            return 1;
    return 0;
}

/* -- who has signed -------------------------------------------------------- */

/* Whether one of a CA's certificate may sign in the CA's place: the CA's
 * issuer, or the CA itself with another key. Path lengths and name constraints
 * are about the certificates below it: they do not matter here. */
static int is_same_or_issuer(const known_t *known, X509 *other)
{
    return crl_signature_has_issued(other, known->ca, known->is_unsure)
        || (X509_NAME_cmp(X509_get_subject_name(other),
                          X509_get_subject_name(known->ca))
                == 0
            && crl_signature_has_issued(known->ca, other, known->is_unsure));
}

/* Whether one of that certificate may sign CRLs about the CA's certificates.
 * What is no CA's has to come from one that may: its path is to lead to the
 * CA's trust anchor (RFC 5280 §6.3.3 (f)), and a file that was fetched may hold
 * anything. */
static int crl_signers_may_sign(const known_t *known, X509 *signer)
{
    X509 *issuer;
    int n;

    if (signer == known->ca)
        return 1;
    if (X509_get_extension_flags(signer) & (EXFLAG_CRITICAL | EXFLAG_INVALID))
        return 0;
    if (X509_check_ca(signer))
        return is_same_or_issuer(known, signer);
    if (!(X509_get_extension_flags(signer) & EXFLAG_KUSAGE))
        return 0;
    for (n = 0; (issuer = nth_certificate(known, n)); n++)
        if (crl_signature_has_issued(issuer, signer, known->is_unsure)
            && X509_check_ca(issuer) && crl_signers_may_sign(known, issuer))
            return 1;
    return 0;
}

/* Notes one whose key has signed the list. */
static void crl_signers_consider(crl_signers_t *signers, const known_t *known,
                                 X509 *signer, apr_array_header_t *validities)
{
    validity_t validity;

    if (!crl_signers_may_sign(known, signer)) {
        signers->is_others |= X509_check_ca(signer) != 0;
    }
    else if (is_revoked(known, signer)) {
        signers->fault = "the certificate of the one that has signed it is "
                         "revoked";
        signers->is_others = 0;
    }
    else if (certificate_validity(&validity.from, &validity.until, signer)) {
        APR_ARRAY_PUSH(validities, validity_t) = validity;
        signers->signer = signer;
        signers->validities = validities;
    }
}

static int crl_signers_has_key(X509 *certificate, bytes_t id)
{
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(certificate);

    return own
        && bytes_are(id, ASN1_STRING_get0_data(own),
                     (apr_size_t)ASN1_STRING_length(own));
}

/* Whether the list says that a key has signed it which is that of another CA
 * with the CA's name, as far as the files tell. Nothing it has is believed for
 * that. */
static int names_other_key(const known_t *known, const revocation_list_t *list)
{
    X509 *signer;
    int n;

    if (!list->says.key_id.data || !X509_get0_subject_key_id(known->ca))
        return 0;
    for (n = 0; (signer = nth_certificate(known, n)); n++)
        if (crl_signers_has_key(signer, list->says.key_id)
            && crl_signers_may_sign(known, signer))
            return 0;
    return 1;
}

crl_signers_t crl_signers_find(apr_pool_t *pool, X509 *ca,
                               const apr_array_header_t *sources,
                               const revocation_list_t *list, int *is_unsure)
{
    const known_t known = { ca, sources, is_unsure };
    const int is_cas = crl_signature_is_name_of(list->issuer, ca, is_unsure);
    apr_array_header_t *validities =
        apr_array_make(pool, 1, sizeof(validity_t));
    crl_signers_t signers = {
        .fault = "it is not signed by the CA, nor by a certificate among the "
                 "files that may sign its CRLs",
        .is_others = is_cas && names_other_key(&known, list),
    };
    X509 *signer;
    int n;

    if (is_cas && crl_signature_verify(list, ca, is_unsure)) {
        signers.fault = NULL;
        signers.signer = ca;
        return signers;
    }
    for (n = 1; (signer = nth_certificate(&known, n)); n++)
        if (crl_signature_is_name_of(list->issuer, signer, is_unsure)
            && crl_signature_verify(list, signer, is_unsure))
            crl_signers_consider(&signers, &known, signer, validities);
    if (signers.validities)
        signers.fault = NULL;
    return signers;
}

apr_time_t crl_signers_end(const crl_signers_t *signers,
                           const revocation_list_t *list, apr_time_t now)
{
    apr_time_t end = 0;
    int i;

    if (!signers->validities)
        return list->next_update;
    for (i = 0; i < signers->validities->nelts; i++) {
        const validity_t *validity =
            &APR_ARRAY_IDX(signers->validities, i, validity_t);

        if (validity->from <= now && now < validity->until
            && validity->until > end)
            end = validity->until;
    }
    return end < list->next_update ? end : list->next_update;
}
