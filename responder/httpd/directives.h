/* SPDX-License-Identifier: Apache-2.0
 * The directives, as httpd reads them into config_t. */
#ifndef RESPONDER_DIRECTIVES_H
#define RESPONDER_DIRECTIVES_H

#include "httpd.h"
#include "http_config.h"

/* Ends with a row without a name. */
extern const command_rec directives[];

#endif
