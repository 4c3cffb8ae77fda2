/* SPDX-License-Identifier: Apache-2.0
 * The threads of a process that holds a token: they take requests off sockets
 * and answer them.
 *
 * A device signs while others are read and written, and mostly several at a
 * time. RSA in software is work for each processor: more threads only take
 * turns. For a short signature, as by P-256, even two cost as much as they
 * save, as they are put to sleep and woken. So how many threads work depends
 * on what most of the last signatures took. */
#ifndef RESPONDER_TOKEN_WORKERS_H
#define RESPONDER_TOKEN_WORKERS_H

#include "serve/token_message.h"

/* Fills in the answer to a request, in pool. Of several threads. */
typedef void (*token_answer_t)(apr_pool_t *pool, const token_message_t *request,
                               token_message_t *answer);

/* Starts them, for as long as the process lives. 0 when that fails. To be
 * called once. */
int token_workers_start(token_answer_t answer);

/* Has them answer what comes over another socket; they close it. */
void token_workers_add(int socket);

#endif
