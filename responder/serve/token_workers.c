/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_workers.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "base/intervals.h"
#include "base/snapshot.h"

/* How many signatures are made at a time by a device. */
#define THREADS 16

/* Of how many of the last signatures that tell it is kept whether they waited,
 * and whether they lasted: a bit for each. */
#define RECENT 8

/* With more work than this, signatures are for several processors. */
#define LONG 250 /* microseconds of a processor */

/* One process has one token, so there is one of these. */
static struct {
    token_answer_t answer;
    int sockets;           /* epoll's; each is one thread's from its request to
                            * its answer */
    pthread_mutex_t mutex; /* for changes of at_work and places */
    pthread_cond_t room;   /* signalled when there are other places */
    /* Atomic: */
    int at_work;     /* how many wait for requests or sign */
    int places;      /* for how many that is worth while */
    int busy;        /* how many sign */
    unsigned waited; /* bits: which of the last RECENT waited */
    unsigned lasted; /* likewise, which waited or were LONG */
} self = { .mutex = PTHREAD_MUTEX_INITIALIZER,
           .room = PTHREAD_COND_INITIALIZER,
           .places = 1 };

/* -- places ---------------------------------------------------------------- */

static int processors(void)
{
    const long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : count > THREADS ? THREADS : (int)count;
}

static int token_workers_get(const int *value)
{
    return __atomic_load_n(value, __ATOMIC_RELAXED);
}

static void set_places(int places)
{
    if (places == token_workers_get(&self.places))
        return;
    pthread_mutex_lock(&self.mutex);
    __atomic_store_n(&self.places, places, __ATOMIC_RELAXED);
    pthread_cond_broadcast(&self.room);
    pthread_mutex_unlock(&self.mutex);
}

/* Waits for a place, with the mutex held. */
static void begin_work(void)
{
    while (self.at_work >= self.places)
        pthread_cond_wait(&self.room, &self.mutex);
    __atomic_add_fetch(&self.at_work, 1, __ATOMIC_RELAXED);
}

/* Goes on in one's place, unless there are fewer now. */
static void go_on(void)
{
    if (token_workers_get(&self.at_work) <= token_workers_get(&self.places))
        return;
    pthread_mutex_lock(&self.mutex);
    __atomic_sub_fetch(&self.at_work, 1, __ATOMIC_RELAXED);
    begin_work();
    pthread_mutex_unlock(&self.mutex);
}

/* -- how many are worth their while ---------------------------------------- */

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

/* Whether most of the last ones were such, of which this is one more. */
static int note_recent(unsigned *bits, int was_such)
{
    unsigned recent = __atomic_load_n(bits, __ATOMIC_RELAXED);

    recent = (recent << 1 | (was_such != 0)) & ((1u << RECENT) - 1);
    __atomic_store_n(bits, recent, __ATOMIC_RELAXED);
    return __builtin_popcount(recent) > RECENT / 2;
}

/* Threads that sign at once also wait for each other; but who waits and does
 * not work much waits for a device. */
static void note_signature(const usage_t *before, int is_alone)
{
    const usage_t now = usage();
    const int waited = now.waits > before->waits,
              was_long = now.microseconds - before->microseconds > LONG;
    int wait, last;

    if (!is_alone && (was_long || !waited))
        return;
    wait = note_recent(&self.waited, waited);
    last = note_recent(&self.lasted, waited || was_long);
    set_places(wait ? THREADS : last ? processors() : 1);
}

/* -- the threads ----------------------------------------------------------- */

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

static void answer_one(apr_pool_t *pool, const token_message_t *request,
                       token_message_t *reply)
{
    int is_alone = __atomic_add_fetch(&self.busy, 1, __ATOMIC_RELAXED) == 1;
    const usage_t before = usage();

    self.answer(pool, request, reply);
    is_alone &= __atomic_sub_fetch(&self.busy, 1, __ATOMIC_RELAXED) == 0;
    note_signature(&before, is_alone);
}

static void token_workers_serve(apr_pool_t *pool, int socket)
{
    token_message_t request, reply = { TOKEN_NOTHING, { { NULL, 0 } } };

    if (token_message_read(socket, pool, &request,
                           apr_time_now() + INTERVALS_TOKEN_ARRIVAL)
        && request.kind == TOKEN_SIGN) {
        answer_one(pool, &request, &reply);
        if (token_message_write(socket, pool, &reply,
                                apr_time_now() + INTERVALS_TOKEN_DEPARTURE)) {
            await_request(socket, EPOLL_CTL_MOD);
            return;
        }
    }
    close(socket);
}

static void *work(void *pool)
{
    pthread_mutex_lock(&self.mutex);
    begin_work();
    pthread_mutex_unlock(&self.mutex);
    for (;; go_on()) {
        const int socket = next_socket();

        if (socket >= 0)
            token_workers_serve(pool, socket);
        apr_pool_clear(pool);
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

/* Gives a socket a number that leaves the low ones to the driver, which may
 * know no others: select() does not. Processes of the driver's do not have it
 * either, as they would keep it open. */
static int out_of_way(int socket)
{
    const int moved = fcntl(socket, F_DUPFD_CLOEXEC, FD_SETSIZE);

    if (moved < 0)
        return socket;
    close(socket);
    return moved;
}

void token_workers_add(int socket)
{
    await_request(out_of_way(socket), EPOLL_CTL_ADD);
}
