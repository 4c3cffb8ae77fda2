/* SPDX-License-Identifier: Apache-2.0
 * The built-in status source: django-ca's tables through mod_dbd. */
#ifndef RESPONDER_STATUS_DBD_H
#define RESPONDER_STATUS_DBD_H

#include "httpd.h"
#include "mod_ocsp_responder.h"

/* As a source's look_up(), for a request. */
ocsp_responder_lookup_t status_dbd_look_up(request_rec *r,
                                           const ocsp_responder_query_t *query,
                                           ocsp_responder_status_t *status,
                                           const char **why);

#endif
