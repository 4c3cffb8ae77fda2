/* SPDX-License-Identifier: Apache-2.0
 * The extensions of CRLs and of their entries that RFC 5280 §5.2 and §5.3 have.
 */
#ifndef RESPONDER_CRL_EXTENSION_H
#define RESPONDER_CRL_EXTENSION_H

#include "base/bytes.h"

/* Every reason of ReasonFlags (RFC 5280 §4.2.1.13) that revokes: bit n of the
 * BIT STRING is 0x8000 >> n. */
#define CRL_EXTENSION_ALL_REASONS 0x7F80u

/* Bytes are borrowed from what was read. */
typedef struct {
    bytes_t number;        /* CRLNumber, magnitude without leading zero bytes;
                            * data NULL: none */
    bytes_t base_number;   /* the same, of a delta's BaseCRLNumber */
    bytes_t scope;         /* IssuingDistributionPoint, DER; data NULL: none */
    bytes_t key_id;        /* keyIdentifier of authorityKeyIdentifier; data
                            * NULL: none */
    unsigned user_reasons; /* for which users' certificates would be in it */
    unsigned ca_reasons;   /* ... and CAs' */
    int is_part; /* of the lists that distribution points have together */
    int is_indirect;
    const char *unusable; /* why the list may not be used, static; else NULL */
} crl_extensions_t;

/* Of an entry; zeroed by the caller. */
typedef struct {
    ocsp_responder_status_t status; /* its reason and invalidity date */
    bytes_t issuer; /* Name of the certificateIssuer; data NULL: none */
    const char *unusable;
} crl_entry_extensions_t;

/* Makes it say what a list without extensions does: it is about every
 * certificate. */
void crl_extension_init(crl_extensions_t *extensions);

/* Reads Extensions, DER, into what was initialized. 0 when they cannot be read.
 */
int crl_extension_read_list(bytes_t der, crl_extensions_t *extensions);

/* Reads the Extensions of an entry, or none. 0 when they cannot be read. */
int crl_extension_read_entry(bytes_t der, crl_entry_extensions_t *extensions);

#endif
