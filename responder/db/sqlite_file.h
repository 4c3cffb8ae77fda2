/* SPDX-License-Identifier: Apache-2.0
 * The file that an SQLite database is. */
#ifndef RESPONDER_SQLITE_FILE_H
#define RESPONDER_SQLITE_FILE_H

#include <sys/types.h>

#include "apr_pools.h"

/* Which file it is, whatever its name. */
typedef struct {
    dev_t device;
    ino_t inode;
} sqlite_file_t;

/* The name in SQLite's DBDParams, in pool; NULL when there is none in them, or
 * driver is another engine's. */
const char *sqlite_file_name(apr_pool_t *pool, const char *driver,
                             const char *params);

/* Whether there is a database in the file, and which file that is: to open one
 * where there is none would make it. */
int sqlite_file_find(const char *name, sqlite_file_t *file);

/* Whether two are one. */
int sqlite_file_is(const sqlite_file_t *one, const sqlite_file_t *other);

#endif
