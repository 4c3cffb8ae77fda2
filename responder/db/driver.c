/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include <string.h>

#include "db/mysql.h"
#include "db/pgsql.h"
#include "db/sqlite.h"

static const driver_t *const drivers[] = { &sqlite_driver, &pgsql_driver,
                                           &mysql_driver };

const driver_t *driver_find(const char *name)
{
    unsigned i;

    for (i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    }
    return NULL;
}
