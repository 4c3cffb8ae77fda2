/* SPDX-License-Identifier: Apache-2.0
 * A responder's location belongs to it: its URLs are decoded, mapped and
 * redirected by nobody else. */
#ifndef RESPONDER_LOCATION_H
#define RESPONDER_LOCATION_H

#include "httpd.h"

/* Whether r's URL is a responder's, by the settings of its section. */
int location_is_ours(request_rec *r);

/* Registers the hooks that keep it so. */
void location_register_hooks(void);

#endif
