/* SPDX-License-Identifier: Apache-2.0
 * The file behind an SQLite connection: its name may come to mean another, and
 * it may be written by others than SQLite, whose pages in memory are then of no
 * use. */
#ifndef RESPONDER_SQLITE_FILE_H
#define RESPONDER_SQLITE_FILE_H

#include "apr_pools.h"
#include "apr_tables.h"
#include "base/file_stamp.h"
#include "db/wal_index.h"

typedef struct {
    file_stamp_t stamp; /* its path NULL: not a file's */
    int is_settled;     /* any later change of the file shows in its stamp */
    wal_index_t index;
} sqlite_file_t;

/* The file's name in SQLite's DBDParams, in pool; NULL if there is none in
 * them. */
const char *sqlite_file_name(apr_pool_t *pool, const char *params);

/* Finds the file of DBDParams, or of an ATTACH, before it is opened, so that a
 * change meanwhile shows afterwards; it lives as long as pool, before which the
 * connection ends. 0 with *why in pool if it is not to be opened. */
int sqlite_file_find(sqlite_file_t *file, apr_pool_t *pool, const char *params,
                     const char **why);

/* Of a list of sqlite_file_t: whether their names still mean those files, with
 * nothing written to them since that the connection would miss. */
int sqlite_files_are_current(const apr_array_header_t *files,
                             apr_pool_t *scratch);

/* The connection to them has read for the first time. */
void sqlite_files_note_indexes(const apr_array_header_t *files,
                               apr_pool_t *scratch);

/* The connection to them ends. */
void sqlite_files_release_indexes(const apr_array_header_t *files);

/* Whether their logs' indexes are still those that the connection has. */
int sqlite_files_have_indexes(const apr_array_header_t *files,
                              apr_pool_t *scratch);

#endif
