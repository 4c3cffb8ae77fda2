/* SPDX-License-Identifier: Apache-2.0
 * The process that holds a token: opens it, signs, and ends itself when the
 * token fails, to be started anew. */
#ifndef RESPONDER_TOKEN_PROCESS_H
#define RESPONDER_TOKEN_PROCESS_H

#include "apr_time.h"
#include "base/bytes.h"
#include "serve/token_login.h"

/* What outlives such a process, in memory shared with its successors. */
typedef struct {
    token_login_t login;            /* of the first token that has this one */
    volatile apr_time_t started_at; /* of the last one */
    pid_t holder; /* who answers the children: the last one that has opened the
                   * token, or been refused; 0: whoever there is. Atomic */
    apr_time_t hung_at; /* when a child last waited for it in vain; 0: it
                         * answers. Atomic: any child's */
} token_state_t;

typedef struct {
    const char *uri;
    bytes_t passphrase;
    token_state_t *state;
    token_login_t *login; /* that it shares with others */
    int control;          /* over which sockets to the children come */
} token_process_t;

/* Serves the children until none is left. Never returns. */
void token_process_run(const token_process_t *process)
    __attribute__((noreturn));

#endif
