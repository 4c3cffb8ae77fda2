/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_limit.h"

#include <stdlib.h>
#include <string.h>

#include "apr_atomic.h"
#include "apr_hash.h"

#include "base/intervals.h"

#define LINES 5 /* in an interval */

#define IDS   1000 /* OCSP0000 to OCSP0999 */
#define KINDS 1024
#define TRIED 8 /* of the kinds, for one */

/* When what was logged last. Times are in seconds since 1970, as 32 bits; 0:
 * never. A kind is a hash of id, server and subject, and stands in the upper
 * half of its time, so that both change at once. */
typedef struct {
    apr_uint32_t lines[IDS][LINES];
    apr_uint64_t last[KINDS];
} memory_t;

static memory_t own;
static memory_t *memory = &own;

const apr_size_t log_limit_size = sizeof(memory_t);

void log_limit_use(void *shared)
{
    memory = shared ? shared : &own;
}

static int is_past(apr_uint32_t seconds, apr_uint32_t now)
{
    return !seconds || now - seconds >= INTERVALS_LOG;
}

/* Sets a time that is past to now; 0 when it is not, or another was faster. */
static int renew(apr_uint32_t *seconds, apr_uint32_t now)
{
    apr_uint32_t before = apr_atomic_read32(seconds);

    return is_past(before, now)
        && apr_atomic_cas32(seconds, now, before) == before;
}

/* Puts now into a slot that holds before; 0 if another was faster. */
static int log_limit_take(apr_uint64_t *slot, apr_uint64_t before,
                          apr_uint64_t now)
{
    return __atomic_compare_exchange_n(slot, &before, now, 0, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

/* The slot of a kind, else one that is free, with what it holds. Where there is
 * no room any more, a kind takes the place of another, which may cost a line
 * more; those of an id are counted as well. */
static apr_uint64_t *find_slot(apr_uint32_t kind, apr_uint32_t now,
                               apr_uint64_t *held)
{
    apr_uint64_t *found = NULL;
    unsigned i;

    for (i = TRIED; i-- > 0;) {
        apr_uint64_t *slot = &memory->last[(kind + i) % KINDS];
        apr_uint64_t holds = __atomic_load_n(slot, __ATOMIC_ACQUIRE);

        if (holds >> 32 != kind && found && !is_past((apr_uint32_t)holds, now))
            continue;
        found = slot;
        *held = holds;
        if (holds >> 32 == kind)
            break;
    }
    return found;
}

/* Whoever else took the slot meanwhile is likely of the same kind: the fault is
 * the same. */
static int is_new(apr_uint32_t kind, apr_uint32_t now)
{
    apr_uint64_t holds = 0, *slot = find_slot(kind, now, &holds);

    if (holds >> 32 == kind && !is_past((apr_uint32_t)holds, now))
        return 0;
    if (log_limit_take(slot, holds, (apr_uint64_t)kind << 32 | now))
        return 1;
    holds = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    return holds >> 32 != kind;
}

static int has_line(const char *id, apr_uint32_t now)
{
    unsigned number = (unsigned)atoi(id + strlen("OCSP")) % IDS, i;

    for (i = 0; i < LINES; i++)
        if (renew(&memory->lines[number][i], now))
            return 1;
    return 0;
}

static apr_uint32_t hash(apr_uint32_t before, const char *text)
{
    apr_ssize_t length = APR_HASH_KEY_STRING;

    return before * 33 + apr_hashfunc_default(text, &length);
}

int log_limit_allows(const char *id, const char *server, const char *subject,
                     apr_time_t now)
{
    apr_uint32_t kind = hash(hash(hash(0, id), server), subject);
    apr_uint32_t seconds = (apr_uint32_t)apr_time_sec(now);

    return is_new(kind, seconds) && has_line(id, seconds);
}
