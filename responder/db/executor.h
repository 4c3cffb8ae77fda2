/* SPDX-License-Identifier: Apache-2.0
 * Threads of their own for work that may block for ever, which a caller can
 * walk away from; at most so many at a time. Knows nothing of the work. */
#ifndef RESPONDER_EXECUTOR_H
#define RESPONDER_EXECUTOR_H

#include "apr_pools.h"
#include "apr_time.h"

typedef struct executor_t executor_t;

typedef void (*executor_work_t)(void *job);

typedef enum {
    EXECUTOR_REFUSED = 0, /* not begun: all threads are busy, or there are
                           * none */
    EXECUTOR_ABANDONED,   /* not done in time; the thread goes on with it */
    EXECUTOR_DONE
} executor_result_t;

/* One for at most `limit` pieces of work at a time. A thread is made when it is
 * first needed. Call where the threads are to live: they don't survive a fork.
 * Lives as long as the process; NULL if out of resources. */
executor_t *executor_create(int limit);

/* Has work(job) done before deadline, an instant. job lives in a pool of its
 * own, with no other pool above it, and must use nothing of the caller's. When
 * it was done, the caller reads it and then destroys the pool; else the
 * executor does, at once or when the work ends. */
executor_result_t executor_run(executor_t *executor, executor_work_t work,
                               void *job, apr_pool_t *job_pool,
                               apr_time_t deadline);

/* Lets nothing in any more, for the end of a process, and waits for the work
 * under way, until deadline at most. Returns 1 if all of it has ended. */
int executor_close(executor_t *executor, apr_time_t deadline);

#endif
