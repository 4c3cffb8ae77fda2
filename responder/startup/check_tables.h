/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t says of descriptions of tables that no location uses. */
#ifndef RESPONDER_CHECK_TABLES_H
#define RESPONDER_CHECK_TABLES_H

#include "apr_tables.h"

/* Adds a warning for each <OCSPResponderTable> that is wrong and that none of
 * sections (section_t) names: of one that is named, its location tells. */
void check_tables(apr_array_header_t *findings,
                  const apr_array_header_t *sections);

#endif
