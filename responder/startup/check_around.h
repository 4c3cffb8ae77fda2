/* SPDX-License-Identifier: Apache-2.0
 * What sections around a responder's ask of its clients, and the responder does
 * not undo, as it is the administrator's to say. */
#ifndef RESPONDER_CHECK_AROUND_H
#define RESPONDER_CHECK_AROUND_H

#include "apr_tables.h"

/* Warns, in findings, of passwords and methods that OCSP clients do not have,
 * and of requests that are cut short. sections are sections_list()'s. Once the
 * configuration is read. */
void check_around(apr_array_header_t *findings,
                  const apr_array_header_t *sections);

#endif
