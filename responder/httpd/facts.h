/* SPDX-License-Identifier: Apache-2.0
 * What is known of one exchange: filled in on the way, counted at its end. */
#ifndef RESPONDER_FACTS_H
#define RESPONDER_FACTS_H

#include "httpd.h"
#include "ocsp/request.h"
#include "mod_ocsp_responder.h"

/* All zero: nothing is known yet. */
typedef struct {
    const request_t *request; /* NULL: it could not be read */
    const char *ca;           /* serial, upper-case hex; NULL: not found */
    const char *error;        /* RFC 6960's word for it; NULL: none */
    const char *made;         /* how an answer came to be: "signed", "reused" or
                               * "presigned"; NULL: there is none */
    const char *signed_why; /* why no answer that there was would do, a phrase;
                             * NULL: it was not signed for this request */
    apr_time_t produced_at; /* of the answer; 0: not known */
    unsigned good;          /* statuses that were sent */
    unsigned revoked;
    unsigned unknown;
    unsigned never_issued;         /* serials that the CA has not issued */
    apr_interval_time_t looked_up; /* microseconds that the look-ups took; 0:
                                    * there were none */
    apr_interval_time_t signed_in; /* microseconds that the signature took; 0:
                                    * there was none */
} facts_t;

/* The facts of r, which live as long as it; made when first asked for. */
facts_t *facts_of(request_rec *r);

/* Adds a status: as it was looked up, and as it is sent. */
void facts_add_status(request_rec *r, ocsp_responder_cert_status_t found,
                      ocsp_responder_cert_status_t sent);

/* Counts r, if there are any. log_transaction. */
int facts_count(request_rec *r);

#endif
