/* SPDX-License-Identifier: Apache-2.0
 * What is known when an exchange has ended: the notes that CustomLog can show
 * besides those of notes.h, and a line at debug. OCSP_MADE (signed, reused,
 * presigned), OCSP_PRODUCED_AT (UTC, as RFC 3339 has it), OCSP_ISSUER_HASH (the
 * issuerKeyHash of the first CertID) and OCSP_NONCE in hexadecimal,
 * OCSP_LOOKUP_US and OCSP_SIGN_US in microseconds; OCSP_STATUS, where there is
 * no OCSP response, as "HTTP 413". */
#ifndef RESPONDER_SUMMARY_H
#define RESPONDER_SUMMARY_H

/* Registers the hook that makes them, before logs are written. */
void summary_register_hooks(void);

#endif
