/* SPDX-License-Identifier: Apache-2.0
 * What the server says of itself when it starts. */
#ifndef RESPONDER_ANNOUNCE_H
#define RESPONDER_ANNOUNCE_H

#include "httpd.h"

/* Adds the module to the server's banner, and logs its version with what it
 * runs on. post_config, once in each start or restart. */
void announce(apr_pool_t *pconf, server_rec *server);

#endif
