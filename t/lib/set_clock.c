/* SPDX-License-Identifier: Apache-2.0
 * For LD_PRELOAD, before libfaketime: who waits for an instant of the clock
 * waits longer when that is set back meanwhile, as with a real clock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

/* How often the clock is looked at. */
#define SLICE 20000000L /* nanoseconds */

/* Other clocks count from when the machine started. */
#define FIRST 1000000000L /* the wall's in 2001 */

typedef struct timespec instant_t;

static int is_past(const instant_t *now, const instant_t *until)
{
    return now->tv_sec != until->tv_sec ? now->tv_sec > until->tv_sec
                                        : now->tv_nsec >= until->tv_nsec;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                           const instant_t *until)
{
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const instant_t *);
    instant_t slice;
    int result = ETIMEDOUT;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    if (until->tv_sec < FIRST)
        return real(cond, mutex, until);
    while (result == ETIMEDOUT && clock_gettime(CLOCK_REALTIME, &slice) == 0
           && !is_past(&slice, until)) {
        slice.tv_nsec += SLICE;
        if (slice.tv_nsec >= 1000000000L) {
            slice.tv_nsec -= 1000000000L;
            slice.tv_sec++;
        }
        result = real(cond, mutex, is_past(&slice, until) ? until : &slice);
    }
    return result;
}
