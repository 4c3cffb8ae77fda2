/* SPDX-License-Identifier: Apache-2.0
 * What CustomLog can show of an answer: notes and environment variables
 * OCSP_STATUS, OCSP_SERIAL, OCSP_CA, OCSP_REASON, OCSP_SIGNER. */
#ifndef RESPONDER_NOTES_H
#define RESPONDER_NOTES_H

#include "httpd.h"
#include "ocsp/request.h"
#include "ocsp/response.h"

/* The serials asked for, separated by commas. */
void notes_request(request_rec *r, const request_t *request);

/* The serials of the CA and of the signing certificate; signer NULL: nobody
 * signs. */
void notes_authority(request_rec *r, const char *ca, const char *signer);

/* The status of the CertID number `index`, appended to those before: what was
 * found, and what is sent. */
void notes_status(request_rec *r, const request_t *request, int index,
                  ocsp_responder_cert_status_t found,
                  const ocsp_responder_status_t *sent);

/* An error takes the place of the statuses. */
void notes_error(request_rec *r, response_error_t error);

/* RFC 6960's word for it. Static. */
const char *notes_error_name(response_error_t error);

#endif
