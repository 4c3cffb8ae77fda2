/* SPDX-License-Identifier: Apache-2.0
 * Memory with what a file says that all processes of a server have in common:
 * one of them makes it, the others find it. It has no name and no file, so that
 * nobody else can cut or change it. */
#ifndef RESPONDER_SHARED_COPIES_H
#define RESPONDER_SHARED_COPIES_H

#include "apr_pools.h"
#include "base/bytes.h"
#include "base/file_stamp.h"

typedef struct shared_copies_t shared_copies_t;

typedef enum {
    SHARED_COPIES_NONE = 0, /* there is none, and none can be made */
    SHARED_COPIES_BUSY,  /* another process is about to make one: ask again */
    SHARED_COPIES_YOURS, /* the caller is to make it: by shared_copies_make(),
                          * or shared_copies_give_up() */
    SHARED_COPIES_FOUND
} shared_copies_found_t;

/* Copies of one file, of which there are none before shared_copies_open(). NULL
 * when out of resources. */
shared_copies_t *shared_copies_create(apr_pool_t *pool);

/* Lets this process and those that it forks from now on share copies. Nothing
 * changes when the system has no such memory. What this process makes stays as
 * long as any of them, as it is what they begin with. */
void shared_copies_open(shared_copies_t *copies);

/* Finds the copy of the file in that state; *copy lives as long as pool. Does
 * not wait. In one thread of a process. */
shared_copies_found_t shared_copies_find(shared_copies_t *copies,
                                         apr_pool_t *pool,
                                         const file_stamp_t *stamp,
                                         bytes_t *copy);

/* Makes the copy that was looked for, of these bytes. It lives as long as pool;
 * data NULL when there is no memory for it. */
bytes_t shared_copies_make(shared_copies_t *copies, apr_pool_t *pool,
                           const file_stamp_t *stamp, bytes_t bytes);

/* Does not make it. */
void shared_copies_give_up(shared_copies_t *copies);

#endif
