/* SPDX-License-Identifier: Apache-2.0
 * The source "django-ca": the tables of a django-ca site through mod_dbd. */
#ifndef RESPONDER_DJANGO_CA_H
#define RESPONDER_DJANGO_CA_H

#include "mod_ocsp_responder.h"

extern const ocsp_responder_source_t django_ca_source;

#endif
