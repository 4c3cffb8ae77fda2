/* SPDX-License-Identifier: Apache-2.0
 * Whether a token can be opened by others while a process cannot open it.
 * libp11 waits for ever for a session that the token could not give once, and a
 * driver may never find a token that was not there when it began; a new process
 * can. */
#ifndef RESPONDER_TOKEN_PROBE_H
#define RESPONDER_TOKEN_PROBE_H

#include <sys/types.h>

#include "apr_time.h"

/* One thread's. */
typedef struct {
    int socket;          /* to the process that probes; -1: there is none */
    pid_t pid;           /* its */
    int is_under_way;    /* a probe has not ended yet */
    int passed;          /* how many in a row have got through meanwhile */
    int missed;          /* how many in a row have found no token */
    apr_time_t began_at; /* the last one */
} token_probe_t;

/* Starts the process that probes the token behind uri, a process for each
 * probe, and never with a PIN. Only in a process that has a single thread and
 * has not touched the token. Without that process, nothing gets through. */
token_probe_t token_probe_start(const char *uri);

/* Probes. To be called again and again while the token is not open; 1 once
 * others have got through. */
int token_probe_passes(token_probe_t *probe);

/* Probes, more seldom, while the token is there; 1 once it is gone. */
int token_probe_misses(token_probe_t *probe);

/* Ends that process. */
void token_probe_end(token_probe_t *probe);

#endif
