/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file_stamp.h"

#include <string.h>

#define WANTED \
    (APR_FINFO_MTIME | APR_FINFO_CTIME | APR_FINFO_SIZE | APR_FINFO_IDENT)

file_stamp_t file_stamp_take(apr_pool_t *scratch, const char *path)
{
    file_stamp_t stamp;
    apr_finfo_t info;

    memset(&stamp, 0, sizeof(stamp));
    stamp.path = path;
    stamp.status = apr_stat(&info, path, WANTED, scratch);
    if (stamp.status != APR_SUCCESS)
        return stamp;
    stamp.mtime = info.mtime;
    stamp.ctime = info.ctime;
    stamp.size = info.size;
    stamp.inode = info.inode;
    stamp.device = info.device;
    return stamp;
}

int file_stamp_has_changed(const file_stamp_t *stamp, apr_pool_t *scratch)
{
    file_stamp_t now;

    if (!stamp->path)
        return 0;
    now = file_stamp_take(scratch, stamp->path);
    return now.status != stamp->status || now.mtime != stamp->mtime
        || now.ctime != stamp->ctime || now.size != stamp->size
        || now.inode != stamp->inode || now.device != stamp->device;
}
