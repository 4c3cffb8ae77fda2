/* SPDX-License-Identifier: Apache-2.0
 * How often a fault is told in the log, by all processes together. */
#ifndef RESPONDER_LOG_LIMIT_H
#define RESPONDER_LOG_LIMIT_H

#include "apr_time.h"

/* How much memory it takes, in bytes, and what changes whenever its layout
 * does. */
extern const apr_size_t log_limit_size;
#define LOG_LIMIT_LAYOUT 2

/* Uses memory from now on, which comes zeroed or as it was left, and which
 * other processes may share. NULL: that of this process, as at the beginning.
 */
void log_limit_use(void *memory);

/* Whether a line with this id (OCSPnnnn) may be written at now: once a minute
 * where it stands for the same subject of the same server, and five times a
 * minute altogether. Takes no lock: any thread of any process. */
int log_limit_allows(const char *id, const char *server, const char *subject,
                     apr_time_t now);

#endif
