/* SPDX-License-Identifier: Apache-2.0
 * Tells the log that a responder certificate ends, or has. */
#ifndef RESPONDER_EXPIRY_LOG_H
#define RESPONDER_EXPIRY_LOG_H

#include "httpd.h"
#include "httpd/config.h"
#include "ocsp/expiry.h"

/* The id of such a message, OCSPnnnn; NULL for what is not told. Static. */
const char *expiry_log_id(expiry_t expiry);

/* Logs what expiry_text() says, as often as log_server_fault() lets it.
 * config is the section's. */
void expiry_log(server_rec *server, const config_t *config, expiry_t expiry,
                const char *ca, const X509 *certificate);

#endif
