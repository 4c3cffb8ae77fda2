/* SPDX-License-Identifier: Apache-2.0
 * What a probe has found of one location is true of others that say the
 * same. */
#ifndef RESPONDER_PROBE_RECORD_H
#define RESPONDER_PROBE_RECORD_H

#include "apr_hash.h"

#include "httpd/config.h"
#include "serve/credentials.h"
#include "source/registry.h"

/* What a probe is of, without padding; of nothing but the source, when the rest
 * is zero. The same text is the same pointer. */
typedef struct {
    const registry_source_t *source;
    const credentials_t *credentials;
    const config_t *profiled;
    const char *ca, *digest;
    int flags[4];
} probe_record_key_t;

/* The record (report_line_t) of that in records, by such keys; *is_new when it
 * has just been made, in pool, and is to be filled. */
apr_array_header_t *probe_record(apr_pool_t *pool, apr_hash_t *records,
                                 const probe_record_key_t *key, int *is_new);

/* How long a source has taken so far, for the caller to read and to add to; in
 * records as well, made in pool. */
apr_interval_time_t *probe_record_spent(apr_pool_t *pool, apr_hash_t *records,
                                        const registry_source_t *source);

#endif
