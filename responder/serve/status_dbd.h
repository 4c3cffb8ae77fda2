/* SPDX-License-Identifier: Apache-2.0
 * The built-in status source: django-ca's tables through mod_dbd. */
#ifndef RESPONDER_STATUS_DBD_H
#define RESPONDER_STATUS_DBD_H

#include "mod_ocsp_responder.h"

/* Registered as "dbd". Static. */
extern const ocsp_responder_source_t status_dbd_source;

#endif
