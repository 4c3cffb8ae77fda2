/* SPDX-License-Identifier: Apache-2.0
 * Time zones of the IANA database: what a local time without a zone means. */
#ifndef RESPONDER_ZONE_H
#define RESPONDER_ZONE_H

#include "apr_pools.h"

typedef struct zone_t zone_t;

/* Reads a zone ("Europe/Vienna") of the system's database (/usr/share/zoneinfo,
 * TZif, RFC 9636). "UTC" needs no file. The zone lives in pool and does not
 * change. NULL with *why in pool when there is no such zone. */
const zone_t *zone_load(apr_pool_t *pool, const char *name, const char **why);

/* Reads a zone out of a TZif file's octets. NULL with *why, a literal. */
const zone_t *zone_parse(apr_pool_t *pool, const unsigned char *octets,
                         apr_size_t length, const char **why);

/* The instant, in seconds since 1970 UTC, of a local wall-clock time given as
 * the seconds since 1970 that it would be if it were UTC. Of an hour that
 * happened twice the earlier; a time that never was is taken as if the change
 * had not happened yet. zone NULL: UTC. */
apr_int64_t zone_to_utc(const zone_t *zone, apr_int64_t local);

#endif
