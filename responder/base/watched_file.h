/* SPDX-License-Identifier: Apache-2.0
 * A file whose contents are kept parsed and follow it when it is replaced,
 * appended to or written anew, but never while somebody is in the middle of
 * writing it. What time it is is told by the steady clock of deadline.h. */
#ifndef RESPONDER_WATCHED_FILE_H
#define RESPONDER_WATCHED_FILE_H

#include "apr_pools.h"
#include "apr_time.h"
#include "base/bytes.h"
#include "base/file_bytes.h"

/* Bytes from which on it is worth while to share them. */
#define WATCHED_FILE_LARGE 1000000

/* What a parser makes of a file's bytes. Zeroed by the caller. */
typedef struct {
    const void *value; /* in the pool given; NULL if it is of no use … */
    const char *why;   /* … and then why, in that pool or static */
    apr_size_t count;  /* of rows or the like: contents that have fewer than
                        * those before look like half of a file … */
    int is_whole;      /* … and so do those of which this is not said */
} watched_file_content_t;

/* The bytes live as long as pool. */
typedef void (*watched_file_parse_t)(apr_pool_t *pool, bytes_t bytes,
                                     watched_file_content_t *content);

typedef struct watched_file_t watched_file_t;

typedef enum {
    WATCHED_FILE_LOST = 0, /* there is no value: the file cannot be read */
    WATCHED_FILE_WAITING,  /* it has changed, and the old contents count, if
                            * there are any, until it can be trusted */
    WATCHED_FILE_CHANGED,  /* the new contents count from now on */
    WATCHED_FILE_SAME
} watched_file_look_t;

/* A file, not read yet. convert may be NULL: the bytes are kept as they are.
 * path lives as long as pool. NULL when out of resources. */
watched_file_t *watched_file_create(apr_pool_t *pool, const char *path,
                                    file_bytes_convert_t convert,
                                    watched_file_parse_t parse);

/* Has the processes that this one forks keep the bytes of a large file once for
 * all of them. Before it is loaded. */
void watched_file_share(watched_file_t *file);

const char *watched_file_path(const watched_file_t *file);

/* Reads the file as it is now, whatever it looks like. Only before other
 * threads use it. NULL, or what is wrong, which lives as long as the file. */
const char *watched_file_load(watched_file_t *file, apr_time_t now);

/* Has the value not count until the next look has found it to be current. For
 * a process that begins with what another has read. */
void watched_file_doubt(watched_file_t *file);

/* Whether looks have found what the value is worth, and not too long ago. If
 * not, *why, static, says what is wrong. By any thread. */
int watched_file_is_current(const watched_file_t *file, apr_time_t now,
                            const char **why);

/* Looks whether the file has changed, and reads it when it has and lies still.
 * Call it again and again, in one thread only; it may block for as long as the
 * file system does. */
watched_file_look_t watched_file_look(watched_file_t *file, apr_time_t now);

/* What is wrong with the file by the last look, or with a part of it; NULL if
 * nothing is. Good until the next look, in its thread. */
const char *watched_file_fault(const watched_file_t *file);

/* The value, good until reader is cleared; NULL with *why, good as long, if
 * there is none that can be trusted. By any thread, without waiting. */
const void *watched_file_read(watched_file_t *file, apr_pool_t *reader,
                              apr_time_t now, const char **why);

/* The same, however old the last look is: for who makes something of it that is
 * used only while the value is current. */
const void *watched_file_last(watched_file_t *file, apr_pool_t *reader,
                              const char **why);

#endif
