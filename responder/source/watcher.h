/* SPDX-License-Identifier: Apache-2.0
 * Keeps the files of a source current in each child process, by a thread that
 * looks at them: no request ever waits for a file. */
#ifndef RESPONDER_WATCHER_H
#define RESPONDER_WATCHER_H

#include "httpd.h"
#include "mod_ocsp_responder.h"
#include "base/watched_file.h"

typedef struct watcher_t watcher_t;

/* While the configuration is read. what, a literal, is what messages call the
 * files ("index"). Lives in pool. */
watcher_t *watcher_create(apr_pool_t *pool, const char *what);

/* Has it keep one more file current; the file lives at least as long. Reads it,
 * where this is the process whose children answer requests: they then need no
 * copies of their own. */
void watcher_add(watcher_t *watcher, watched_file_t *file);

/* Reads the files that have not been, in a process without children of its own.
 * Returns whether there were any. */
int watcher_read(watcher_t *watcher);

/* Reports the files that cannot be read by the user that this process runs as,
 * and what is wrong with the others. Reads those that have not been. */
void watcher_check(watcher_t *watcher, const ocsp_responder_call_t *call,
                   const ocsp_responder_reporter_t *reporter);

/* Whether every file is known to be current; *why, in pool, names one that is
 * not. By any thread. Where the thread that looks could not be started, it is
 * tried again. */
int watcher_is_current(watcher_t *watcher, apr_pool_t *pool, const char **why);

/* What a file of the watcher's says now, by watched_file_read(). By any thread,
 * as above. */
const void *watcher_value(watcher_t *watcher, watched_file_t *file,
                          apr_pool_t *pool, const char **why);

/* Called by the watcher's thread after each look at all files. has_changed: one
 * of them has, or is gone. */
typedef void (*watcher_looked_t)(void *data, int has_changed);

/* Begins to look, in a child process; returns when every file is known to be
 * current, or after two seconds. It ends with pool. looked may be NULL. */
void watcher_start(watcher_t *watcher, apr_pool_t *pool, server_rec *server,
                   watcher_looked_t looked, void *data);

#endif
