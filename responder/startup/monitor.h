/* SPDX-License-Identifier: Apache-2.0
 * A process beside the children that tells the log what time and data bring to
 * the responder certificates, whether anybody asks the server or not. */
#ifndef RESPONDER_MONITOR_H
#define RESPONDER_MONITOR_H

#include "httpd.h"
#include "startup/preflight.h"

/* Remembers what is to be watched; it lives as long as the configuration. */
void monitor_prepare(preflight_t *preflight);

/* Starts the process, which ends with the configuration. post_config. */
void monitor_start(apr_pool_t *pconf, server_rec *server);

/* A hook, for httpd's monitor, which runs every ten seconds: starts it anew
 * where it could not be started, or something has killed it. */
int monitor_start_missing(apr_pool_t *pconf, server_rec *server);

#endif
