/* SPDX-License-Identifier: Apache-2.0
 * One of mod_dbd's pooled connections, and what mod_dbd leaves undone about
 * them. */
#ifndef RESPONDER_CONNECTION_H
#define RESPONDER_CONNECTION_H

#include "apr_dbd.h"
#include "httpd.h"
#include "mod_dbd.h"
#include "db/sqlite_file.h"

/* Asks mod_dbd for word of every connection it makes. Call where hooks are
 * registered. */
void connection_register_hooks(void);

/* Prepares this child process. */
void connection_child_init(void);

/* How many have been closed in this process so far. When it goes up while
 * mod_dbd gives none, one that had died in the pool was dropped, and the
 * database may well be there. */
apr_uint32_t connection_closed(void);

/* Counts one, when it is first seen, until it is closed. 1 when it was counted
 * already. */
int connection_count(const ap_dbd_t *dbd, volatile apr_uint32_t *counter);

/* Makes one to a server fit for a query: it will notice when the other end
 * falls silent. Only while nobody else uses it. */
void connection_prepare(ap_dbd_t *dbd);

/* Moves one to an SQLite file to the one that has that name now, which *file
 * is, or becomes. Only while nobody else uses it. 0 with *why in pool when it
 * cannot be. */
int connection_follow(ap_dbd_t *dbd, apr_pool_t *pool, const char *name,
                      sqlite_file_t *file, const char **why);

#endif
