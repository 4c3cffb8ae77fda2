/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_limit.h"

#include <stdlib.h>
#include <string.h>

#include "apr_atomic.h"
#include "apr_hash.h"

#define INTERVAL 60 /* seconds */
#define LINES    5  /* in an interval */

#define IDS   1000 /* OCSP0000 to OCSP0999 */
#define KINDS 1024
#define TRIED 8 /* of the kinds, for one */

/* When what was logged last; a kind is a hash of id, server and subject. Times
 * are in seconds since 1970, as 32 bits; 0: never. */
typedef struct {
    apr_uint32_t lines[IDS][LINES];
    struct {
        apr_uint32_t kind;
        apr_uint32_t seconds;
    } last[KINDS];
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
    return !seconds || now - seconds >= INTERVAL;
}

/* Sets a time that is past to now; 0 when it is not, or another was faster. */
static int renew(apr_uint32_t *seconds, apr_uint32_t now)
{
    apr_uint32_t before = apr_atomic_read32(seconds);

    return is_past(before, now)
        && apr_atomic_cas32(seconds, now, before) == before;
}

/* Where there is no room any more, a kind takes the place of another, which may
 * cost a line more; those of an id are counted as well. */
static int is_new(apr_uint32_t kind, apr_uint32_t now)
{
    unsigned i, free = kind % KINDS;

    for (i = TRIED; i-- > 0;) {
        unsigned slot = (kind + i) % KINDS;

        if (apr_atomic_read32(&memory->last[slot].kind) == kind)
            return renew(&memory->last[slot].seconds, now);
        if (is_past(apr_atomic_read32(&memory->last[slot].seconds), now))
            free = slot;
    }
    apr_atomic_set32(&memory->last[free].kind, kind);
    apr_atomic_set32(&memory->last[free].seconds, now);
    return 1;
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
