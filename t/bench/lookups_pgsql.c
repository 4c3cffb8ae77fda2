/* SPDX-License-Identifier: Apache-2.0
 * DATABASE is what PQconnectdb() takes. */
#include "lookups.h"

#include <libpq-fe.h>

static void *lookups_open(const char *database)
{
    PGconn *connection = PQconnectdb(database);
    PGresult *prepared =
        PQprepare(connection, "find", LOOKUPS_QUERY("$1"), 1, NULL);

    if (PQresultStatus(prepared) != PGRES_COMMAND_OK)
        lookups_fail(PQerrorMessage(connection));
    PQclear(prepared);
    return connection;
}

static int lookups_find(void *connection, const char *serial)
{
    PGresult *result =
        PQexecPrepared(connection, "find", 1, &serial, NULL, NULL, 1);
    int rows =
        PQresultStatus(result) == PGRES_TUPLES_OK ? PQntuples(result) : 0;

    PQclear(result);
    return rows == 1;
}
