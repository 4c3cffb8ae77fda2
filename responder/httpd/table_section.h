/* SPDX-License-Identifier: Apache-2.0
 * <OCSPResponderTable NAME>: keeps its lines for the source that reads them. */
#ifndef RESPONDER_TABLE_SECTION_H
#define RESPONDER_TABLE_SECTION_H

#include "httpd.h"
#include "http_config.h"

const char *table_section_set(cmd_parms *cmd, void *dir, const char *text);

#endif
