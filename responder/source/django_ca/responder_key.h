/* SPDX-License-Identifier: Apache-2.0
 * The responder key and certificate that django-ca itself makes for a CA and
 * renews: in a storage folder, in the CA's row, or in both. */
#ifndef RESPONDER_RESPONDER_KEY_H
#define RESPONDER_RESPONDER_KEY_H

#include "apr_pools.h"
#include "source/django_ca/rows.h"

/* Reads what is wanted (OCSP_RESPONDER_WANTS_...) for a CA into
 * *key, in pool. storage is django-ca's folder, NULL if it is not known. DONE
 * with nothing if django-ca has made no pair for the CA, or FAILED; then *why
 * is in pool or static. Files are filled in any case. */
ocsp_responder_lookup_t responder_key_read(
    ocsp_responder_key_t *key, apr_pool_t *pool, const char *storage,
    const rows_key_t *row, int wanted, const char **why);

#endif
