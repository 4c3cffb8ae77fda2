/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include <string.h>

static const driver_t drivers[] = {
    { .name = "sqlite3", .is_file = 1, .keeps = 1 },
    { .name = "pgsql", .keeps = 1 },
    { .name = "mysql", .calls_half_a_result_whole = 1 },
};

const driver_t *driver_find(const char *name)
{
    unsigned i;

    for (i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
        if (strcmp(drivers[i].name, name) == 0)
            return &drivers[i];
    }
    return NULL;
}
