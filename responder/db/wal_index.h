/* SPDX-License-Identifier: Apache-2.0
 * The index of SQLite's write-ahead log, FILE-shm. SQLite maps it once for a
 * process, and new connections to FILE use what is mapped for as long as any is
 * open, whatever its name means by then: where it was deleted, none of them
 * would see what others write into the log that they have begun since. */
#ifndef RESPONDER_WAL_INDEX_H
#define RESPONDER_WAL_INDEX_H

#include "apr_pools.h"
#include "base/file_stamp.h"

/* That of a connection to a file; all zero: none. */
typedef struct wal_index_t {
    const char *path;
    apr_ino_t inode; /* 0: there is none, or none is known yet */
    apr_dev_t device;
    struct wal_index_file_t *file; /* what all connections to it have */
} wal_index_t;

/* A connection to the file is to be opened, and closed before pool ends, as
 * long as which *index lives, which is all zero before. 0 with *why in pool
 * where another index lies in the place of that which connections of this
 * process still use. */
int wal_index_enter(wal_index_t *index, apr_pool_t *pool,
                    const file_stamp_t *file, const char **why);

/* The connection has read: SQLite has mapped the index, if there is one. */
void wal_index_note(wal_index_t *index, apr_pool_t *scratch);

/* The connection, which is to be closed before pool ends, has it no more. Where
 * it is the last, SQLite deletes the index as it closes: by then nobody may
 * expect that one. */
void wal_index_release(wal_index_t *index);

/* Whether its name still means it. */
int wal_index_is_current(const wal_index_t *index, apr_pool_t *scratch);

#endif
