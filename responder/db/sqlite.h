/* SPDX-License-Identifier: Apache-2.0
 * SQLite, through libsqlite3's functions. */
#ifndef RESPONDER_SQLITE_H
#define RESPONDER_SQLITE_H

#include "db/driver.h"

extern const driver_t sqlite_driver;

/* The file's name in SQLite's DBDParams, in pool; NULL if there is none in
 * them. */
const char *sqlite_file_name(apr_pool_t *pool, const char *params);

#endif
