/* SPDX-License-Identifier: Apache-2.0
 * How far in the history of a database its servers are: one that lies behind
 * another that was seen does not know of what came after, like a primary that
 * comes back once its standby has been promoted. The memory of it is the
 * server's, so that new processes have it too. */
#ifndef RESPONDER_LINEAGE_H
#define RESPONDER_LINEAGE_H

#include "apr_pools.h"
#include "apr_time.h"

/* Where a server is. */
typedef struct {
    apr_uint64_t rank; /* when its cluster was made, in seconds since 1970, in
                        * the upper half, and its timeline; 0: not known */
    int is_standby;    /* its timeline may be told late, and judges nothing */
} lineage_t;

/* The furthest that has been seen of one database. */
typedef struct lineage_place_t lineage_place_t;

/* How much memory all places take, in bytes, and what changes whenever its
 * layout does. */
extern const apr_size_t lineage_size;
#define LINEAGE_LAYOUT 1

/* Uses memory from now on, which comes zeroed or as it was left, and which
 * other processes share. NULL: nothing is remembered, as at the beginning. */
void lineage_use(void *memory);

/* The place of the database behind such DBDParams; NULL if there is none. Lives
 * as long as the memory. */
lineage_place_t *lineage_place(const char *params);

/* From PostgreSQL's numbers, in decimal: of the system, whose upper half is
 * when it was made, and of the timeline. */
lineage_t lineage_of(const char *system, const char *timeline, int is_standby);

/* Whether a server lies behind one that was seen. place NULL: it does not. */
int lineage_is_behind(const lineage_place_t *place, lineage_t lineage);

/* Remembers a server that is to be asked. 0 if it lies behind, with *why in
 * pool: a phrase about "it". */
int lineage_admit(lineage_place_t *place, lineage_t lineage, apr_time_t now,
                  apr_pool_t *pool, const char **why);

/* When a server was last found to lie behind; 0: never. */
apr_time_t lineage_refused_at(const lineage_place_t *place);

#endif
