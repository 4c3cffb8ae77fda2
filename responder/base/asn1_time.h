/* SPDX-License-Identifier: Apache-2.0
 * ASN.1's two kinds of time, as text. */
#ifndef RESPONDER_ASN1_TIME_H
#define RESPONDER_ASN1_TIME_H

#include "apr_time.h"

/* Reads a UTCTime, "YYMMDDHHMMSSZ" (RFC 5280 §4.1.2.5.1: 50 to 99 are of the
 * last century), or a GeneralizedTime, "YYYYMMDDHHMMSSZ", of which a fraction
 * is cut. Sets whole seconds, in microseconds since 1970, and returns 1; 0 when
 * the text is anything else, and *time stays as it is. */
int asn1_time_read(const char *text, apr_size_t length, apr_time_t *time);

#endif
