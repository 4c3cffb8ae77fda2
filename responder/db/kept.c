/* SPDX-License-Identifier: Apache-2.0 */
#include "db/kept.h"

#include <stdlib.h>
#include <string.h>

static void empty(const kept_t *kept, kept_slot_t *slot)
{
    if (!slot->text)
        return;
    kept->end(slot->statement);
    free(slot->text);
    slot->text = NULL;
}

static int slot_of(const kept_t *kept, const char *text)
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
    int slot = slot_of(kept, text);

    return slot < 0 ? NULL : kept->slots[slot].statement;
}

void *kept_add(kept_t *kept, const char *text, void *statement)
{
    kept_slot_t *slot = &kept->slots[kept->next++ % KEPT_MAX];

    empty(kept, slot);
    slot->text = strdup(text);
    slot->statement = statement;
    if (slot->text)
        return statement;
    kept->end(statement);
    return NULL;
}

void kept_drop(kept_t *kept, const char *text)
{
    int slot = slot_of(kept, text);

    if (slot >= 0)
        empty(kept, &kept->slots[slot]);
}

void kept_end(kept_t *kept)
{
    int i;

    for (i = 0; i < KEPT_MAX; i++)
        empty(kept, &kept->slots[i]);
}
