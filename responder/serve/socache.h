/* SPDX-License-Identifier: Apache-2.0
 * The ap_socache behind OCSPResponderCache, which nobody waits for: one that
 * hangs or is away is left alone, and looked for again every now and then. */
#ifndef RESPONDER_SOCACHE_H
#define RESPONDER_SOCACHE_H

#include "httpd.h"
#include "base/bytes.h"

/* What its provider is told to expect: bytes of an id and of an entry. */
#define SOCACHE_ID    64
#define SOCACHE_ENTRY 2048

/* Forgets the last configuration, and prepares the mutex. 0 when that fails.
 * pre_config. */
int socache_begin(apr_pool_t *pconf);

/* Opens the configured cache, or shmcb where it is loaded. What fails is logged
 * and leaves the server without a cache. post_config. */
void socache_open(apr_pool_t *pconf, server_rec *server);

/* Prepares this child process; pool lives as long as it. child_init. */
void socache_child_init(apr_pool_t *pool, server_rec *server);

/* Has the provider write to r what it tells of itself, in mod_status' lines for
 * machines. 0: there is none, or none that waits for nobody. */
int socache_describe(request_rec *r);

/* Copies the entry with that id into r's pool. 0: there is none of at most
 * `most` bytes, or the cache does not answer in time; *why, static, says
 * which. */
int socache_fetch(request_rec *r, bytes_t id, unsigned most, bytes_t *entry,
                  const char **why);

/* Keeps an entry until expiry, an instant, if the cache can and answers in
 * time. */
void socache_store(request_rec *r, bytes_t id, apr_time_t expiry,
                   bytes_t entry);

#endif
