/* SPDX-License-Identifier: Apache-2.0
 * Work that may block (a storage folder, a token, a database) and is done by
 * threads of its own: requests start it, and wait for it no longer than they
 * may. */
#ifndef RESPONDER_TASK_H
#define RESPONDER_TASK_H

#include "apr_pools.h"
#include "apr_time.h"

/* Prepares this child process; pool lives as long as it. The process ends all
 * the same when work hangs. */
void task_child_init(apr_pool_t *pool);

/* Threads for some tasks, which may keep each other waiting; made when they are
 * needed, and few. Lives as long as the process. */
typedef struct task_threads_t task_threads_t;
task_threads_t *task_threads_create(apr_pool_t *pool);

/* A piece of work that is done again and again, by one thread at a time. */
typedef struct task_t task_t;

/* One that calls work(data). Lives as long as the process, in pool. */
task_t *task_create(apr_pool_t *pool, task_threads_t *threads,
                    void (*work)(void *data), void *data);

/* Has it done, unless that is under way already; does not wait. */
void task_start(task_t *task);

/* Has it done or waits for the end of what is under way, until deadline, an
 * instant, and not for what seems to hang. 1 when it was done; otherwise *why,
 * static, ends a sentence: it cannot be done "in time", or "as no thread …". */
int task_wait(task_t *task, apr_time_t deadline, const char **why);

/* Waits likewise for the end of what is under way, if anything is. */
void task_join(task_t *task, apr_time_t deadline);

#endif
