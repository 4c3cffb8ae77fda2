/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t and a start find wrong with the configuration. */
#ifndef RESPONDER_CHECK_H
#define RESPONDER_CHECK_H

#include "httpd.h"

/* The check_config hook: judges every responder and puts it on the responders.
 * Fails under httpd -t for any error, and at a first start for keys and
 * certificates that cannot be used; never for the database, and never when a
 * running server reads its configuration again, as that would end it. */
int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                 server_rec *servers);

#endif
