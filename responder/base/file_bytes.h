/* SPDX-License-Identifier: Apache-2.0
 * The bytes of an open file, which all processes of a server read once and keep
 * once where they can. */
#ifndef RESPONDER_FILE_BYTES_H
#define RESPONDER_FILE_BYTES_H

#include "apr_file_io.h"
#include "apr_pools.h"
#include "base/bytes.h"
#include "base/file_stamp.h"
#include "base/shared_copies.h"

/* What a file may have at most. */
#define FILE_BYTES_MAX 0x7FFFFFFE

/* Makes of a file's bytes those that are kept, in pool. data NULL with *why,
 * static, when they are of no use. */
typedef bytes_t (*file_bytes_convert_t)(apr_pool_t *pool, bytes_t bytes,
                                        const char **why);

typedef struct {
    apr_file_t *file;
    const file_stamp_t *stamp;    /* its state */
    file_bytes_convert_t convert; /* NULL: they are kept as they are */
    shared_copies_t *copies;
    int waits; /* for another process that is about to make a copy */
} file_bytes_t;

/* Gets them, for as long as pool lives; data NULL with *why, static, when
 * there are none. 0 when they are waited for: ask again. */
int file_bytes_get(const file_bytes_t *wanted, apr_pool_t *pool, bytes_t *bytes,
                   const char **why);

/* Whether nobody has written to the open file since it was in that state. That
 * another took its name, which changes ctime, does not matter. */
int file_bytes_are_still(apr_file_t *file, const file_stamp_t *stamp);

#endif
