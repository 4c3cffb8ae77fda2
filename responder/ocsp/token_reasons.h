/* SPDX-License-Identifier: Apache-2.0
 * Why a key in a token could not be loaded, as far as OpenSSL's error queue
 * says so. */
#ifndef RESPONDER_TOKEN_REASONS_H
#define RESPONDER_TOKEN_REASONS_H

typedef struct {
    const char *first; /* reason; NULL: none. Static */
    int guess;         /* first is only for lack of a better one */
    int pin;           /* one is about a PIN */
    int missing;       /* one is that the token, the object or a session is not
                        * there, or that the device failed */
    int vague;         /* one is that something failed, which tells nothing */
} token_reasons_t;

/* What stands on this thread's queue, which is emptied. */
token_reasons_t token_reasons_read(void);

#endif
