/* SPDX-License-Identifier: Apache-2.0
 * Keeps the files of a source current in each child process, by a thread that
 * looks at them: no request ever waits for a file. */
#ifndef RESPONDER_WATCHER_H
#define RESPONDER_WATCHER_H

#include "httpd.h"
#include "base/watched_file.h"

typedef struct watcher_t watcher_t;

/* While the configuration is read. what, a literal, is what messages call the
 * files ("index"). Lives in pool; NULL when out of resources. */
watcher_t *watcher_create(apr_pool_t *pool, const char *what);

/* Has it keep one more file current. The file lives at least as long. */
void watcher_add(watcher_t *watcher, watched_file_t *file);

/* Reads every file, in the parent process, so that its children need no copies
 * of their own until one changes. Only where this process will have children
 * that answer requests; else it does nothing. */
void watcher_load(watcher_t *watcher);

/* Called by the watcher's thread whenever files have changed; before the first
 * time, in a child process, once at any rate. */
typedef void (*watcher_changed_t)(void *data);

/* Begins to look, in a child process; returns when every file is known to be
 * current, or after two seconds. It ends with pool. */
void watcher_start(watcher_t *watcher, apr_pool_t *pool, server_rec *server,
                   watcher_changed_t changed, void *data);

#endif
