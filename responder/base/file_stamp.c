/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file_stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WANTED \
    (APR_FINFO_MTIME | APR_FINFO_CTIME | APR_FINFO_SIZE | APR_FINFO_IDENT \
     | APR_FINFO_TYPE)

static file_stamp_t file_stamp_make(apr_status_t status,
                                    const apr_finfo_t *info)
{
    file_stamp_t stamp;

    memset(&stamp, 0, sizeof(stamp));
    stamp.status = status;
    if (status != APR_SUCCESS)
        return stamp;
    stamp.mtime = info->mtime;
    stamp.ctime = info->ctime;
    stamp.size = info->size;
    stamp.inode = info->inode;
    stamp.device = info->device;
    stamp.is_regular = info->filetype == APR_REG;
    return stamp;
}

file_stamp_t file_stamp_take(apr_pool_t *scratch, const char *path)
{
    apr_finfo_t info;
    const apr_status_t status = apr_stat(&info, path, WANTED, scratch);
    file_stamp_t stamp = file_stamp_make(status, &info);

    stamp.path = path;
    return stamp;
}

file_stamp_t file_stamp_of(apr_file_t *file)
{
    apr_finfo_t info;
    const apr_status_t status = apr_file_info_get(&info, WANTED, file);

    return file_stamp_make(status, &info);
}

int file_stamp_is_same(const file_stamp_t *one, const file_stamp_t *other)
{
    return one->status == other->status && one->mtime == other->mtime
        && one->size == other->size && one->inode == other->inode
        && one->device == other->device;
}

int file_stamp_is(const file_stamp_t *one, const file_stamp_t *other)
{
    return file_stamp_is_same(one, other) && one->ctime == other->ctime;
}

int file_stamp_has_changed(const file_stamp_t *stamp, apr_pool_t *scratch)
{
    file_stamp_t now;

    if (!stamp->path)
        return 0;
    now = file_stamp_take(scratch, stamp->path);
    return !file_stamp_is(&now, stamp);
}

/* Blanks and the like stand as \040 in what Linux tells of mounts. */
static void unescape(char *text)
{
    char *to = text;
    unsigned byte;
    int length;

    while (*text) {
        if (*text == '\\' && sscanf(text, "\\%3o%n", &byte, &length) == 1) {
            *to++ = (char)byte;
            text += length;
        }
        else
            *to++ = *text++;
    }
    *to = '\0';
}

int file_stamp_is_mounted(apr_pool_t *scratch, const char *path)
{
    char line[8192], point[4096];
    apr_file_t *mounts;
    char *real;
    int is = 0;

    if (apr_file_open(&mounts, "/proc/self/mountinfo",
                      APR_FOPEN_READ | APR_FOPEN_BUFFERED, 0, scratch)
        != APR_SUCCESS)
        return 0;
    real = realpath(path, NULL);
    while (real && !is
           && apr_file_gets(line, sizeof(line), mounts) == APR_SUCCESS) {
        if (sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1)
            continue;
        unescape(point);
        is = strcmp(point, real) == 0;
    }
    free(real);
    apr_file_close(mounts);
    return is;
}
