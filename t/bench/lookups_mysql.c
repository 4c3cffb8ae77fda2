/* SPDX-License-Identifier: Apache-2.0
 * DATABASE is the path of the server's socket; the user is root. */
#include "lookups.h"

#include <mysql.h>

static MYSQL_STMT *find;

/* Room for a row. */
static char text[3][64];
static MYSQL_BIND columns[3];

static void *lookups_open(const char *database)
{
    static const char query[] = LOOKUPS_QUERY("?");
    MYSQL *mysql = mysql_init(NULL);
    int i;

    for (i = 0; i < 3; i++) {
        columns[i].buffer_type = MYSQL_TYPE_STRING;
        columns[i].buffer = text[i];
        columns[i].buffer_length = sizeof(text[i]);
    }
    if (!mysql_real_connect(mysql, NULL, "root", NULL, "ocsp", 0, database, 0))
        lookups_fail(mysql_error(mysql));
    find = mysql_stmt_init(mysql);
    if (mysql_stmt_prepare(find, query, sizeof(query) - 1)
        || mysql_stmt_bind_result(find, columns))
        lookups_fail(mysql_stmt_error(find));
    return find;
}

static int lookups_find(void *connection, const char *serial)
{
    unsigned long length = strlen(serial);
    MYSQL_BIND argument = { .buffer_type = MYSQL_TYPE_STRING,
                            .buffer = (void *)(size_t)serial,
                            .buffer_length = length,
                            .length = &length };
    int rows = 0;

    if (mysql_stmt_bind_param(connection, &argument)
        || mysql_stmt_execute(connection))
        lookups_fail(mysql_stmt_error(connection));
    while (mysql_stmt_fetch(connection) == 0)
        rows++;
    mysql_stmt_free_result(connection);
    return rows == 1;
}
