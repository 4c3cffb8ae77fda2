/* SPDX-License-Identifier: Apache-2.0
 * The error log: one line a fault, with an id of our own (httpd keeps its AH
 * numbers to itself), and not one line a request. */
#ifndef RESPONDER_LOG_H
#define RESPONDER_LOG_H

#include "httpd.h"
#include "http_log.h"
#include "httpd/config.h"

/* Shares between processes, and across graceful restarts, what was logged when.
 * Call in the parent process, once the configuration is read. */
void log_open(void);

/* Logs "id: … (virtual host, location)" for a request, at most once a minute
 * per id, virtual host and subject and five times a minute per id, for all
 * processes together; in between at debug. subject (a CA's serial, a path, or
 * "") is not printed. level is APLOG_ERR or APLOG_WARNING. */
void log_fault(request_rec *r, int level, const char *id, const char *subject,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same outside of requests, in any thread of a child process. config is the
 * section's that it is about; NULL: it is about the whole server. */
void log_server_fault(server_rec *server, const config_t *config, int level,
                      const char *id, const char *subject, const char *format,
                      ...) __attribute__((format(printf, 6, 7)));

/* Traces a request at debug. */
void log_debug(request_rec *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether log_debug() prints anything. */
int log_is_tracing(const request_rec *r);

#endif
