/* SPDX-License-Identifier: Apache-2.0
 * The answers that django-ca (3.1 and later) signs beforehand and keeps in its
 * tables. Neither the tables nor the answers are trusted. */
#ifndef RESPONDER_PRESIGNED_H
#define RESPONDER_PRESIGNED_H

#include "httpd.h"
#include "mod_ocsp_responder.h"
#include "ocsp/signer.h"
#include "serve/response_cache.h"
#include "ocsp/request.h"

/* Finds an answer to a request of one CertID that is signed for the issuer,
 * valid at now, about that very CertID, and says what status says. 1: *answer
 * lives in r's pool. 0: there is none, and *why, in r's pool, says what is
 * wrong with the best that was found. */
int presigned_find(request_rec *r, const request_t *request,
                   const issuer_t *issuer,
                   const ocsp_responder_status_t *status, apr_time_t now,
                   response_cache_answer_t *answer, const char **why);

#endif
