/* SPDX-License-Identifier: Apache-2.0
 * Serial numbers as text: as people write them, and as they stand in a
 * certificate. */
#ifndef RESPONDER_SERIAL_H
#define RESPONDER_SERIAL_H

#include "apr_pools.h"
#include "base/bytes.h"

/* Normalises a serial as an administrator or a django-ca release writes it:
 * hex, any case, with or without colons, leading zeros ignored, the "L" that
 * Python 2 left behind an odd number of digits too. Returns upper-case hex
 * without leading zeros ("0" for zero) in pool; NULL when text is no serial. */
const char *serial_parse(apr_pool_t *pool, const char *text);

/* Whether text, which is no serial, was meant as one (groups set apart by
 * colons), so that a slip is not taken for a CA's name. */
int serial_was_meant(const char *text);

/* The serial of a certificate in PEM or DER of which only the head, down to the
 * serial, needs to be there. As serial_parse() returns it, in pool; NULL when
 * the bytes are not a certificate's or the serial is negative. */
const char *serial_of_certificate(apr_pool_t *pool, bytes_t bytes);

/* The DER of a certificate in PEM or DER, as far as it is there: in pool, or
 * bytes themselves. data is NULL if there is none. */
bytes_t serial_certificate_der(apr_pool_t *pool, bytes_t bytes);

/* A magnitude, big endian, as serial_parse() returns a serial; in pool. */
const char *serial_text(apr_pool_t *pool, const unsigned char *bytes,
                        apr_size_t length);

#endif
