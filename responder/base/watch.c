/* SPDX-License-Identifier: Apache-2.0 */
#include "base/watch.h"

#include <string.h>

#define WANTED (APR_FINFO_MTIME | APR_FINFO_CTIME | APR_FINFO_SIZE \
                | APR_FINFO_IDENT)

watch_t watch_file(apr_pool_t *scratch, const char *path)
{
    watch_t watch;
    apr_finfo_t info;

    memset(&watch, 0, sizeof(watch));
    watch.path = path;
    watch.status = apr_stat(&info, path, WANTED, scratch);
    if (watch.status != APR_SUCCESS)
        return watch;
    watch.mtime = info.mtime;
    watch.ctime = info.ctime;
    watch.size = info.size;
    watch.inode = info.inode;
    watch.device = info.device;
    return watch;
}

int watch_has_changed(const watch_t *watch, apr_pool_t *scratch)
{
    watch_t now;

    if (!watch->path)
        return 0;
    now = watch_file(scratch, watch->path);
    return now.status != watch->status || now.mtime != watch->mtime
        || now.ctime != watch->ctime || now.size != watch->size
        || now.inode != watch->inode || now.device != watch->device;
}
