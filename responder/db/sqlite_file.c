/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite_file.h"

#include <string.h>
#include <sys/stat.h>

#include "apr_strings.h"

#include "db/driver.h"

const char *sqlite_file_name(apr_pool_t *pool, const char *driver,
                             const char *params)
{
    const driver_t *known = driver_find(driver);
    const char *query;

    if (!known || !known->is_file)
        return NULL;
    if (strncmp(params, "file:", 5) == 0) {
        params += 5;
        if (strncmp(params, "//", 2) == 0)
            params = strchr(params + 2, '/');
        query = params ? strchr(params, '?') : NULL;
        if (query)
            params = apr_pstrmemdup(pool, params, (apr_size_t)(query - params));
    }
    return params && *params && *params != ':' ? params : NULL;
}

int sqlite_file_find(const char *name, sqlite_file_t *file)
{
    struct stat found;

    if (stat(name, &found) != 0 || found.st_size == 0)
        return 0;
    file->device = found.st_dev;
    file->inode = found.st_ino;
    return 1;
}

int sqlite_file_is(const sqlite_file_t *one, const sqlite_file_t *other)
{
    return one->device == other->device && one->inode == other->inode;
}
