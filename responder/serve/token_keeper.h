/* SPDX-License-Identifier: Apache-2.0
 * In httpd's parent process: starts the processes that hold tokens, and starts
 * those anew that end. */
#ifndef RESPONDER_TOKEN_KEEPER_H
#define RESPONDER_TOKEN_KEEPER_H

#include "httpd.h"
#include "base/bytes.h"

#define TOKEN_ID 32 /* bytes, SHA-256 */

/* What the parent process keeps of a token across restarts. */
typedef struct token_kept_t token_kept_t;

/* What is kept of the token with that id, a digest of all that it is opened
 * with; made if there is nothing. login is a digest of what it is logged in to
 * with, which others may share. NULL when out of resources. */
token_kept_t *token_keeper_find(const unsigned char id[TOKEN_ID],
                                const unsigned char login[TOKEN_ID]);

/* Has a process hold it, in place of the one there may be, which signs on until
 * the next one can. uri and passphrase live as long as pconf. */
void token_keeper_start(token_kept_t *kept, apr_pool_t *pconf, const char *uri,
                        bytes_t passphrase);

/* A hook, for httpd's monitor, which runs every ten seconds: starts those for
 * which there was no process to be had. */
int token_keeper_start_missing(apr_pool_t *pconf, server_rec *server);

/* Ends the processes of tokens that were not started since the last call, and
 * forgets them. */
void token_keeper_forget_others(void);

/* In a new process of the server's own, which answers no requests and has
 * nothing to do with tokens: what ends the server ends it, too; it has the
 * rights of a child process, and closes what would keep others from seeing that
 * the server is gone. Ends the process where it cannot give up its rights. */
void token_keeper_leave(apr_pool_t *pconf, server_rec *server);

/* Ends a child of this process, but does not wait for that for long: what hangs
 * in a file system or a driver may not even die. pid: 0 or less for none. */
void token_keeper_kill(pid_t pid);

/* When one of the children last waited for it in vain, 0 where it answers: in
 * memory that all of them share. Atomic; lives as long as the server. */
apr_time_t *token_keeper_hung_at(token_kept_t *kept);

/* The socket over which a process with a token gets others. In a child process,
 * which has no use for the other end; closes that. */
int token_keeper_socket(token_kept_t *kept);

#endif
