/* SPDX-License-Identifier: Apache-2.0
 * Whether a file is still the one that was read. */
#ifndef RESPONDER_FILE_STAMP_H
#define RESPONDER_FILE_STAMP_H

#include "apr_file_info.h"
#include "apr_file_io.h"
#include "apr_pools.h"

/* What a file looked like. All zero: no file, which never changes. */
typedef struct {
    const char *path;
    apr_status_t status; /* of looking: a file that comes or may be looked at
                          * has changed, too */
    apr_time_t mtime;
    apr_time_t ctime;
    apr_off_t size;
    apr_ino_t inode;
    apr_dev_t device;
    int is_regular; /* no folder, pipe or the like */
} file_stamp_t;

/* Looks at a file; call before it is read, so that a change meanwhile is seen
 * the next time. path must live as long as the result. */
file_stamp_t file_stamp_take(apr_pool_t *scratch, const char *path);

/* Looks at a file that is open, whatever its name is by now. */
file_stamp_t file_stamp_of(apr_file_t *file);

/* Whether both are of one file in one state. The paths do not matter. */
int file_stamp_is(const file_stamp_t *one, const file_stamp_t *other);

/* The same, though the file's name, links or rights may have changed (ctime).
 */
int file_stamp_is_same(const file_stamp_t *one, const file_stamp_t *other);

/* Whether it looks different now. */
int file_stamp_has_changed(const file_stamp_t *stamp, apr_pool_t *scratch);

/* Whether it is mounted by itself, without its folder: what is in the folder it
 * comes from, or takes its place there, cannot be seen. */
int file_stamp_is_mounted(apr_pool_t *scratch, const char *path);

#endif
