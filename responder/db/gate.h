/* SPDX-License-Identifier: Apache-2.0
 * What stands before a database: bounds how many use it at a time and how long
 * anybody waits for it, and refuses at once while it is away. */
#ifndef RESPONDER_GATE_H
#define RESPONDER_GATE_H

#include "apr_pools.h"
#include "apr_time.h"

typedef struct gate_t gate_t;

/* A piece of work. Returns 1 when the database answered, 0 when it is away. */
typedef int (*gate_work_t)(void *job);

/* What became of work that its caller tried itself. */
typedef enum {
    GATE_UNDONE = 0,   /* nothing: it is to be done all the same */
    GATE_PENDING,      /* time ran out in the middle of it: work(job) ends it */
    GATE_DONE          /* the database answered */
} gate_tried_t;

/* Tries a piece of work in the caller's thread, in bounded time. inside: how
 * many are at work, this one included. */
typedef gate_tried_t (*gate_try_t)(void *job, int inside);

/* A gate for at most `limit` pieces of work at a time. With threads, work that
 * may block for ever is done by threads of the gate's own, which a caller walks
 * away from; without, it must end by itself and is done in the caller's thread.
 * Lives as long as the process; NULL when out of resources. */
gate_t *gate_create(int limit, int threads);

/* Has work(job) done before deadline, an instant. job lives in a pool of its
 * own, had from gate_job_pool(). With threads, and where it is not NULL, try
 * comes first, as another thread is slow to turn to. Returns 1 when it was
 * done: the caller then gives the pool to gate_done(). Returns 0 when it was
 * not done in time, or not begun, as the database is known to be away or those
 * inside are stuck: the gate destroys the pool, at once or when the work
 * ends. */
int gate_run(gate_t *gate, gate_try_t try, gate_work_t work, void *job,
             apr_pool_t *job_pool, apr_time_t deadline);

/* A pool for one job, with no other pool above it; NULL when out of memory. */
apr_pool_t *gate_job_pool(gate_t *gate);

/* Ends it, for use by another job. */
void gate_done(gate_t *gate, apr_pool_t *job_pool);

/* Lets nothing in any more, for the end of a process, and waits for the work
 * under way, until deadline at most. Returns 1 when all of it has ended. */
int gate_close(gate_t *gate, apr_time_t deadline);

#endif
