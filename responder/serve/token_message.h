/* SPDX-License-Identifier: Apache-2.0
 * What a child process and the process that holds a token say to each other,
 * over a socket. */
#ifndef RESPONDER_TOKEN_MESSAGE_H
#define RESPONDER_TOKEN_MESSAGE_H

#include "apr_pools.h"
#include "apr_time.h"
#include "base/bytes.h"

typedef enum {
    TOKEN_NOTHING = 0,
    TOKEN_SIGN,   /* parts: the certificate's DER, the name of a digest, and
                   * what to sign; no bytes: only whether key, certificate and
                   * digest go together */
    TOKEN_SIGNED, /* the AlgorithmIdentifier's DER, the signature */
    TOKEN_FAILED  /* why */
} token_message_kind_t;

#define TOKEN_PARTS 3

typedef struct {
    token_message_kind_t kind;
    bytes_t parts[TOKEN_PARTS];
} token_message_t;

/* Writes a message until deadline, an instant, with memory of pool's. 0 when
 * that fails, and the socket is of no use any more. */
int token_message_write(int socket, apr_pool_t *pool,
                        const token_message_t *message, apr_time_t deadline);

/* Reads one, into pool, likewise. */
int token_message_read(int socket, apr_pool_t *pool, token_message_t *message,
                       apr_time_t deadline);

/* A part with the bytes of a text. */
bytes_t token_message_text(const char *text);

/* Makes two sockets that are each other's ends: the first for a child process,
 * the second to be passed on. 0 when that fails. */
int token_message_pair(int ends[2]);

/* Passes a socket on over another, without blocking. 0 when that fails. */
int token_message_pass(int over, int socket);

/* Takes one that was passed on. -1: there is none at the moment; 0: there will
 * be none any more, as nobody holds the other end. */
int token_message_take(int over);

#endif
