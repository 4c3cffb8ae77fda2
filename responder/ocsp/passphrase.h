/* SPDX-License-Identifier: Apache-2.0
 * The pass phrase of a private key, out of a file or a program. */
#ifndef RESPONDER_PASSPHRASE_H
#define RESPONDER_PASSPHRASE_H

#include "apr_pools.h"
#include "base/bytes.h"

/* The pass phrase that "exec:/path" (first line the program prints) or
 * "file:/path" (first line of the file) names: 1 to 1024 bytes, without the
 * LF or CR LF. The program is run without a shell, arguments or input, in
 * httpd's environment; it has 10 seconds, and 64 KiB to print, and must end
 * with status 0. Lives in pool; data NULL with *why on failure. */
bytes_t passphrase_read(apr_pool_t *pool, const char *source, const char **why);

#endif
