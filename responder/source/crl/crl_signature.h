/* SPDX-License-Identifier: Apache-2.0
 * Who signed a CRL. Where a "no" is due to a want of memory alone, *is_unsure
 * is set; else it stays as it is. OpenSSL's error queue is left empty. */
#ifndef RESPONDER_CRL_SIGNATURE_H
#define RESPONDER_CRL_SIGNATURE_H

#include <openssl/x509.h>
#include "base/bytes.h"
#include "source/crl/revocation_list.h"

/* Whether a Name, DER, is the certificate's subject, by the rules of RFC 5280
 * §7.1. */
int crl_signature_is_name_of(bytes_t der, const X509 *certificate,
                             int *is_unsure);

/* Whether the issuer's key has signed the subject's certificate, in its name.
 */
int crl_signature_has_issued(X509 *issuer, X509 *subject, int *is_unsure);

/* Whether the signer's key has signed the list, and its certificate allows it
 * to (keyUsage cRLSign, where it has that extension). */
int crl_signature_verify(const revocation_list_t *list, X509 *signer,
                         int *is_unsure);

#endif
