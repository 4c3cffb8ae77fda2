/* SPDX-License-Identifier: Apache-2.0
 * Time zones of the IANA database: what a local time without a zone means. */
#ifndef RESPONDER_ZONE_H
#define RESPONDER_ZONE_H

#include "apr_pools.h"

typedef struct zone_t zone_t;

/* Reads a zone ("Europe/Vienna") of the system's database
 * (/usr/share/zoneinfo). "UTC" needs no file. The zone lives in pool, does not
 * change, and is the same for the same name and pool. Changes the environment
 * for a moment: only while the configuration is read, when httpd has one
 * thread. NULL with *why, a literal, if there is no such zone. */
const zone_t *zone_load(apr_pool_t *pool, const char *name, const char **why);

/* The instant, in seconds since 1970 UTC, of a local wall-clock time given as
 * the seconds since 1970 that it would be if it were UTC. Of an hour that
 * happened twice the earlier; a time that never was is taken as if the change
 * had not happened yet. Clocks are taken to stand still before 1970 and after
 * 2099 (2037 where time_t has 32 bits). zone NULL: UTC. */
apr_int64_t zone_to_utc(const zone_t *zone, apr_int64_t local);

#endif
