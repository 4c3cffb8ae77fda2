/* SPDX-License-Identifier: Apache-2.0
 * What stands before a database: bounds how many use it at a time and how long
 * anybody waits for it, and refuses at once while it is away. */
#ifndef RESPONDER_EXECUTOR_H
#define RESPONDER_EXECUTOR_H

#include "apr_pools.h"
#include "apr_time.h"

typedef struct executor_t executor_t;

/* A piece of work. Returns 1 when the database answered, 0 when it is away. */
typedef int (*executor_work_t)(void *job);

/* What became of work that its caller tried itself. */
typedef enum {
    EXECUTOR_UNDONE = 0, /* nothing: it is to be done all the same */
    EXECUTOR_PENDING, /* time ran out in the middle of it: work(job) ends it */
    EXECUTOR_DONE     /* the database answered */
} executor_tried_t;

/* Tries a piece of work in the caller's thread, in bounded time. inside: how
 * many are at work, this one included. */
typedef executor_tried_t (*executor_try_t)(void *job, int inside);

/* A executor for at most `limit` pieces of work at a time. With threads, work
 * that may block for ever is done by threads of the executor's own, which a
 * caller walks away from; without, it must end by itself and is done in the
 * caller's thread. Lives as long as the process; NULL when out of resources. */
executor_t *executor_create(int limit, int threads);

/* Has work(job) done before deadline, an instant. job lives in a pool of its
 * own, had from executor_job_pool(). With threads, and where it is not NULL,
 * try comes first, as another thread is slow to turn to. Returns 1 when it was
 * done: the caller then gives the pool to executor_done(). Returns 0 when it
 * was not done in time, or not begun, as the database is known to be away or
 * those inside are stuck: the executor destroys the pool, at once or when the
 * work ends. */
int executor_run(executor_t *executor, executor_try_t try, executor_work_t work,
                 void *job, apr_pool_t *job_pool, apr_time_t deadline);

/* A pool for one job, with no other pool above it; NULL when out of memory. */
apr_pool_t *executor_job_pool(executor_t *executor);

/* Ends it, for use by another job. */
void executor_done(executor_t *executor, apr_pool_t *job_pool);

/* Lets nothing in any more, for the end of a process, and waits for the work
 * under way, until deadline at most. Returns 1 when all of it has ended. */
int executor_close(executor_t *executor, apr_time_t deadline);

#endif
