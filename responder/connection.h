/* SPDX-License-Identifier: Apache-2.0
 * One of mod_dbd's pooled connections, and what mod_dbd leaves undone about
 * them. */
#ifndef RESPONDER_CONNECTION_H
#define RESPONDER_CONNECTION_H

#include "apr_dbd.h"
#include "httpd.h"
#include "mod_dbd.h"

/* Asks mod_dbd for word of every connection it makes. Call where hooks are
 * registered. */
void connection_register_hooks(void);

/* Prepares this child process. */
void connection_child_init(void);

/* How many have been closed in this process so far. When it goes up while
 * mod_dbd gives none, one that had died in the pool was dropped, and the
 * database may well be there. */
apr_uint32_t connection_closed(void);

/* Makes it fit for a query: one to an SQLite file that has been replaced is
 * moved to the file that is there now, and one whose other end falls silent
 * will notice. Only while nobody else uses it. 0 with *why in pool when it
 * cannot be. */
int connection_ready(ap_dbd_t *dbd, apr_pool_t *pool, const char **why);

/* The file that SQLite's DBDParams name, in pool; NULL when they name none, or
 * driver is another engine's. */
const char *connection_file(apr_pool_t *pool, const char *driver,
                            const char *params);

/* Whether there is a database in an SQLite file: to open one where there is
 * none would make it. */
int connection_file_is_there(const char *file);

#endif
