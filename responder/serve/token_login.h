/* SPDX-License-Identifier: Apache-2.0
 * The login to a token, for the processes that each hold another of its keys:
 * tokens lock themselves after some wrong PINs, so one that is refused is tried
 * once between all of them. In memory that they share. */
#ifndef RESPONDER_TOKEN_LOGIN_H
#define RESPONDER_TOKEN_LOGIN_H

#include <sys/types.h>

#include "ocsp/key_uri.h"

/* All atomic. */
typedef struct {
    int refused;  /* the token has refused the PIN */
    int accepted; /* it has taken it, and nothing has failed since */
    int is_right; /* it has taken it, whatever has failed since */
    pid_t turn;   /* the process that tries it; 0: none does */
} token_login_t;

/* Waits while another process tries the PIN, unless that is known to be right.
 * 0: it has been refused, and is not to be tried. */
int token_login_begin(token_login_t *login);

/* What has come of the attempt. 1: the token has refused the PIN. */
int token_login_end(token_login_t *login, key_uri_result_t result);

/* Whether the token has refused the PIN. */
int token_login_is_refused(const token_login_t *login);

/* The token is not there any more: with the next one, the PIN is tried. */
void token_login_forget(token_login_t *login);

/* In the parent process: a process has ended, whatever it was doing. */
void token_login_leave(token_login_t *login, pid_t pid);

#endif
