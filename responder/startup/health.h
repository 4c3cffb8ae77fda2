/* SPDX-License-Identifier: Apache-2.0
 * SetHandler ocsp-responder-health: whether this server can answer, for load
 * balancers. */
#ifndef RESPONDER_HEALTH_H
#define RESPONDER_HEALTH_H

/* While there is a file of that name in httpd's runtime directory
 * (DefaultRuntimeDir; /run/apache2 on Debian), the server says that it is not
 * to be asked. */
#define HEALTH_MAINTENANCE "ocsp-responder-maintenance"

/* Registers the handler. */
void health_register_hooks(void);

#endif
