/* SPDX-License-Identifier: Apache-2.0
 * A responder's location belongs to it: its URLs are decoded, mapped and
 * redirected by nobody else. */
#ifndef RESPONDER_LOCATION_H
#define RESPONDER_LOCATION_H

#include "httpd.h"

/* Whether r's URL is a responder's, by the settings of its section. */
int location_is_ours(request_rec *r);

/* Handlers of our own pages, which are set by SetHandler. They win over a
 * responder around them, and over what other modules do with their URLs. */
#define LOCATION_STATUS "ocsp-responder-status"
#define LOCATION_HEALTH "ocsp-responder-health"

/* Registers the hooks that keep it so. */
void location_register_hooks(void);

#endif
