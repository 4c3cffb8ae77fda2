/* SPDX-License-Identifier: Apache-2.0
 * DATABASE is a file. */
#include "lookups.h"

#include <sqlite3.h>

static void *lookups_open(const char *database)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;

    if (sqlite3_open_v2(database, &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)
        || sqlite3_busy_timeout(handle, 1000)
        || sqlite3_prepare_v2(handle, LOOKUPS_QUERY("?"), -1, &statement, NULL))
        lookups_fail(sqlite3_errmsg(handle));
    return statement;
}

static int lookups_find(void *connection, const char *serial)
{
    int rows = 0;

    sqlite3_bind_text(connection, 1, serial, -1, SQLITE_STATIC);
    while (sqlite3_step(connection) == SQLITE_ROW)
        rows += sqlite3_column_text(connection, 0) != NULL;
    sqlite3_reset(connection);
    return rows == 1;
}
