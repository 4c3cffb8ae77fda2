/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t says of a database that django-ca's tables are to be in. */
#ifndef RESPONDER_DJANGO_CA_CHECK_H
#define RESPONDER_DJANGO_CA_CHECK_H

#include "httpd.h"
#include "mod_ocsp_responder.h"
#include "db/database.h"
#include "source/schema_cache.h"

/* Looks into the database, as a source's check(). zone is
 * OCSPResponderTimeZone; NULL if unset. */
void django_ca_check(const database_settings_t *settings, const char *zone,
                     schema_cache_t *schema, const ocsp_responder_call_t *call,
                     const ocsp_responder_reporter_t *reporter);

#endif
