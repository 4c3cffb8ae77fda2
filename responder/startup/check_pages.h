/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t says of locations with SetHandler ocsp-responder-status. */
#ifndef RESPONDER_CHECK_PAGES_H
#define RESPONDER_CHECK_PAGES_H

#include "apr_tables.h"

/* Adds a warning for each one that everybody may read, as no Require stands in
 * its section or around it. Call once the configuration is read. */
void check_pages(apr_array_header_t *findings);

#endif
