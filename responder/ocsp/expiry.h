/* SPDX-License-Identifier: Apache-2.0
 * How long a responder certificate still lasts, and what to say of it. */
#ifndef RESPONDER_EXPIRY_H
#define RESPONDER_EXPIRY_H

#include "apr_pools.h"
#include "apr_time.h"
#include <openssl/x509.h>

typedef enum {
    EXPIRY_UNREADABLE = 0, /* its dates cannot be read */
    EXPIRY_EXPIRED,
    EXPIRY_NOT_YET, /* it is not valid before another time */
    EXPIRY_TODAY,   /* it ends within a day */
    EXPIRY_ENDING,  /* it is time to think of a successor */
    EXPIRY_LASTS
} expiry_t;

/* It is time when less than 30 % of its life is left, and for who renews by
 * hand two weeks before the end at the latest; what renews itself may live for
 * days. Of a CA that signs itself, which may live for decades, the two weeks
 * count. now is in microseconds. */
expiry_t expiry_of(X509 *certificate, int renews_itself, apr_time_t now);

/* The id of such a message, OCSPnnnn; NULL for what is not told. Static. */
const char *expiry_id(expiry_t expiry);

/* A sentence for the administrator that names the CA (by its serial; NULL: it
 * is not known), the certificate and the date, in pool. NULL for what lasts or
 * cannot be read. */
const char *expiry_text(apr_pool_t *pool, expiry_t expiry, const char *ca,
                        const X509 *certificate);

#endif
