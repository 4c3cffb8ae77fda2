/* SPDX-License-Identifier: Apache-2.0 */
#include "db/kept.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apr_atomic.h"
#include "apr_hash.h"
#include "apr_strings.h"

#include "base/deadline.h"
#include "base/intervals.h"

static void kept_empty(const kept_t *kept, kept_slot_t *slot)
{
    if (!slot->text)
        return;
    kept->end(slot->statement);
    free(slot->text);
    slot->text = NULL;
}

static int kept_slot_of(const kept_t *kept, const char *text)
{
    int i;

    for (i = 0; i < KEPT_MAX; i++) {
        if (kept->slots[i].text && strcmp(kept->slots[i].text, text) == 0)
            return i;
    }
    return -1;
}

void *kept_find(const kept_t *kept, const char *text)
{
    int slot = kept_slot_of(kept, text);

    return slot < 0 ? NULL : kept->slots[slot].statement;
}

void *kept_add(kept_t *kept, const char *text, void *statement)
{
    kept_slot_t *slot = &kept->slots[kept->next++ % KEPT_MAX];

    kept_empty(kept, slot);
    slot->text = strdup(text);
    slot->statement = statement;
    if (slot->text)
        return statement;
    kept->end(statement);
    return NULL;
}

void *kept_surplus(const kept_t *kept)
{
    const kept_slot_t *slot = &kept->slots[kept->next % KEPT_MAX];

    return slot->text ? slot->statement : NULL;
}

void kept_fail(kept_t *kept, const char *text, apr_time_t now)
{
    int slot = kept_slot_of(kept, text);

    if (slot >= 0)
        kept_empty(kept, &kept->slots[slot]);
    kept->failed_at = now;
}

int kept_rests(const kept_t *kept, apr_time_t now)
{
    return deadline_is_recent(kept->failed_at, INTERVALS_UNKEPT, now);
}

char *kept_name(apr_pool_t *pool, const char *text)
{
    apr_ssize_t length = APR_HASH_KEY_STRING;
    static apr_uint32_t names;

    return apr_psprintf(pool, "ocsp_%" APR_PID_T_FMT "_%x_%u", getpid(),
                        apr_hashfunc_default(text, &length),
                        apr_atomic_inc32(&names));
}

void kept_end(kept_t *kept)
{
    int i;

    for (i = 0; i < KEPT_MAX; i++)
        kept_empty(kept, &kept->slots[i]);
}
