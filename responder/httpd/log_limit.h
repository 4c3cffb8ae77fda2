/* SPDX-License-Identifier: Apache-2.0
 * How often a fault is told in the log, by all processes together. */
#ifndef RESPONDER_LOG_LIMIT_H
#define RESPONDER_LOG_LIMIT_H

#include "apr_time.h"

/* Shares what follows between processes, and remembers what was logged before a
 * graceful restart. Before that, or without memory, each process is on its own.
 * Call in the parent process, once the configuration is read. */
void log_limit_open(void);

/* Whether a line with this id (OCSPnnnn) may be written at now: once a minute
 * where it stands for the same subject of the same server, and five times a
 * minute altogether. Takes no lock: any thread of any process. */
int log_limit_allows(const char *id, const char *server, const char *subject,
                     apr_time_t now);

#endif
