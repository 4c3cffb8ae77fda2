/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t finds wrong with a source's file. */
#ifndef RESPONDER_FILE_CHECK_H
#define RESPONDER_FILE_CHECK_H

#include "mod_ocsp_responder.h"
#include "base/watched_file.h"

/* Reports that it cannot be read by the user that this process runs as, or what
 * is wrong with it. what is what messages call it ("index"). */
void file_check(const char *what, watched_file_t *file,
                const ocsp_responder_call_t *call,
                const ocsp_responder_reporter_t *reporter);

/* How bad a file is that cannot be used at all: an error of httpd -t, while a
 * server that runs is not to end for it. */
ocsp_responder_severity_t file_check_severity(void);

#endif
