/* SPDX-License-Identifier: Apache-2.0
 * Certificates that some profiles object to, looked for in django-ca's tables.
 */
#ifndef RESPONDER_OBJECTION_H
#define RESPONDER_OBJECTION_H

#include "source/django_ca/schema.h"

/* What is looked for, and of which CA. */
typedef struct {
    ocsp_responder_objection_t what;
    const char *id;
} objection_t;

/* Looks for one certificate, or child CA, that an objection_t is about. */
db_query_t objection_query(apr_pool_t *pool, const schema_t *schema,
                           const void *objection);

/* Its column: the serial, as stored. */
#define OBJECTION_WIDTH 1

#endif
