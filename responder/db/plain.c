/* SPDX-License-Identifier: Apache-2.0 */
#include "db/plain.h"

#include <string.h>

#include "apr_strings.h"
#include "apr_tables.h"

#include "db/driver.h"
#include "db/placeholder.h"

static const char *text_of(const apr_dbd_driver_t *driver, apr_pool_t *pool,
                           apr_dbd_row_t *row, int column)
{
    const char *text = NULL;

    /* An error is how the PostgreSQL driver tells NULL from "". */
    if (apr_dbd_datum_get(driver, row, column, APR_DBD_TYPE_STRING, &text)
            != APR_SUCCESS
        || !text)
        return NULL;
    return apr_pstrdup(pool, text);
}

static void copy_rows(const apr_dbd_driver_t *driver, apr_pool_t *scratch,
                      apr_dbd_results_t *results, apr_pool_t *pool,
                      db_rows_t *rows)
{
    apr_array_header_t *copy =
        apr_array_make(pool, 4, sizeof(const char *const *));
    apr_dbd_row_t *row = NULL;
    int number, column;

    /* Rows by number: "the next one" means something else to each driver. */
    for (number = 1;
         apr_dbd_get_row(driver, scratch, results, &row, number) == 0;
         number++) {
        const char **texts = apr_palloc(pool, rows->columns * sizeof(*texts));

        for (column = 0; column < rows->columns; column++)
            texts[column] = text_of(driver, pool, row, column);
        APR_ARRAY_PUSH(copy, const char *const *) = texts;
    }
    rows->rows = (const char *const *const *)copy->elts;
    rows->count = copy->nelts;
}

/* MariaDB's driver calls a result whole whose rest did not come; to look at its
 * rows would be fatal. */
static int came_whole(const apr_dbd_driver_t *driver, apr_dbd_t *handle)
{
    const char *text;

    if (!driver_find(apr_dbd_name(driver))->calls_half_a_result_whole)
        return 1;
    text = apr_dbd_error(driver, handle, 0);
    return !text || !*text;
}

typedef struct {
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
} plain_connection_t;

static const char *escape(void *connection, apr_pool_t *pool, const char *text)
{
    const plain_connection_t *plain = connection;

    return apr_dbd_escape(plain->driver, pool, text, plain->handle);
}

int plain_run(const apr_dbd_driver_t *driver, apr_dbd_t *handle,
              apr_pool_t *pool, const db_query_t *query, db_rows_t *rows)
{
    plain_connection_t connection = { driver, handle };
    const char *sql = placeholder_fill(pool, query, escape, &connection);
    apr_dbd_results_t *results = NULL;
    apr_pool_t *scratch;
    int error;

    memset(rows, 0, sizeof(*rows));
    rows->columns = query->columns;
    if (!sql)
        return -1;
    apr_pool_create(&scratch, pool);
    /* Random access: otherwise PostgreSQL's driver takes a failure for an
     * empty result. */
    error = apr_dbd_select(driver, scratch, handle, &results, sql, 1);
    if (error == 0 && results && came_whole(driver, handle))
        copy_rows(driver, scratch, results, pool, rows);
    else if (error == 0)
        error = -1;
    /* Results talk to the connection when they go, so they go first. */
    apr_pool_destroy(scratch);
    return error;
}
