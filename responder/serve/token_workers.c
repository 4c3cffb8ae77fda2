/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_workers.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/intervals.h"
#include "base/snapshot.h"

/* How many signatures are made at a time by a device. */
#define THREADS 16

/* Of how many of the last signatures it is kept whether they were long: a bit
 * for each. */
#define RECENT 8

/* Of more work than this a signature is one for several processors. */
#define LONG 250 /* microseconds of a processor */

typedef struct {
    apr_pool_t *pool; /* of a request */
    int has_turn;
} worker_t;

/* One process has one token, so there is one of these. */
static struct {
    token_answer_t answer;
    int sockets;          /* epoll's; each is one thread's from its request to
                           * its answer */
    pthread_mutex_t turn; /* held by who waits for a request, and in addition
                           * while it signs unless the token is slow */
    /* Atomic: */
    int busy;        /* how many sign */
    unsigned waited; /* bits: which of the last RECENT made alone were long */
} self = { .turn = PTHREAD_MUTEX_INITIALIZER };

/* -- whether it is a device ------------------------------------------------ */

static int is_slow(void)
{
    const unsigned waited = __atomic_load_n(&self.waited, __ATOMIC_RELAXED);

    return __builtin_popcount(waited) > RECENT / 2;
}

static void token_workers_note(int waited)
{
    unsigned recent = __atomic_load_n(&self.waited, __ATOMIC_RELAXED);

    recent = (recent << 1 | (waited != 0)) & ((1u << RECENT) - 1);
    __atomic_store_n(&self.waited, recent, __ATOMIC_RELAXED);
}

/* What a thread has used. */
typedef struct {
    long waits;        /* for something other than a processor */
    long microseconds; /* of a processor */
} usage_t;

/* getrusage() tells of times only what the last tick of the clock has seen. */
static usage_t usage(void)
{
    struct rusage used = { .ru_nvcsw = 0 };
    struct timespec time = { 0, 0 };

    getrusage(RUSAGE_THREAD, &used);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (usage_t){ used.ru_nvcsw,
                      time.tv_sec * 1000000L + time.tv_nsec / 1000 };
}

/* Whether others had better sign meanwhile: a signature waited, or is so much
 * work that another processor is worth its while. */
static int is_long(const usage_t *before)
{
    const usage_t now = usage();

    return now.waits > before->waits
        || now.microseconds - before->microseconds > LONG;
}

/* -- the threads ----------------------------------------------------------- */

static void take_turn(worker_t *worker)
{
    if (!worker->has_turn)
        pthread_mutex_lock(&self.turn);
    worker->has_turn = 1;
}

static void leave_turn(worker_t *worker)
{
    if (worker->has_turn)
        pthread_mutex_unlock(&self.turn);
    worker->has_turn = 0;
}

/* operation: EPOLL_CTL_ADD for a new socket, EPOLL_CTL_MOD. */
static void await_request(int socket, int operation)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT,
                                 .data.fd = socket };

    if (epoll_ctl(self.sockets, operation, socket, &event) != 0)
        close(socket);
}

/* A socket with a request. -1: none yet. */
static int next_socket(void)
{
    struct epoll_event event;

    if (epoll_wait(self.sockets, &event, 1, -1) != 1)
        return -1;
    if (!(event.events & EPOLLHUP))
        return event.data.fd;
    /* Nobody waits for the answer any more. */
    close(event.data.fd);
    return -1;
}

static void answer_one(worker_t *worker, const token_message_t *request,
                       token_message_t *reply)
{
    int is_alone = __atomic_add_fetch(&self.busy, 1, __ATOMIC_RELAXED) == 1;
    const usage_t before = usage();

    if (is_slow())
        leave_turn(worker);
    self.answer(worker->pool, request, reply);
    is_alone &= __atomic_sub_fetch(&self.busy, 1, __ATOMIC_RELAXED) == 0;
    if (is_alone)
        token_workers_note(is_long(&before));
}

static void token_workers_serve(worker_t *worker, int socket)
{
    token_message_t request, reply = { TOKEN_NOTHING, { { NULL, 0 } } };

    if (token_message_read(socket, worker->pool, &request,
                           apr_time_now() + INTERVALS_TOKEN_ARRIVAL)
        && request.kind == TOKEN_SIGN) {
        answer_one(worker, &request, &reply);
        if (token_message_write(socket, worker->pool, &reply,
                                apr_time_now() + INTERVALS_TOKEN_DEPARTURE)) {
            await_request(socket, EPOLL_CTL_MOD);
            return;
        }
    }
    close(socket);
}

static void *work(void *pool)
{
    worker_t worker = { pool, 0 };

    for (;;) {
        int socket;

        take_turn(&worker);
        socket = next_socket();
        if (socket >= 0)
            token_workers_serve(&worker, socket);
        apr_pool_clear(worker.pool);
    }
    return NULL;
}

int token_workers_start(token_answer_t answer)
{
    int i;

    self.answer = answer;
    self.sockets = epoll_create1(EPOLL_CLOEXEC);
    for (i = 0; i < THREADS && self.sockets >= 0; i++) {
        apr_pool_t *pool = snapshot_pool();
        pthread_t thread;

        if (!pool || pthread_create(&thread, NULL, work, pool) != 0)
            return 0;
    }
    return self.sockets >= 0;
}

void token_workers_add(int socket)
{
    await_request(socket, EPOLL_CTL_ADD);
}
