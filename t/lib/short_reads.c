/* SPDX-License-Identifier: Apache-2.0
 * For LD_PRELOAD: of files below the folder SHORT_READS, each third read() is
 * interrupted by a signal before anything is read, and each other gives less
 * than was asked for, as a file system far away may. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_meant(int file)
{
    const char *folder = getenv("SHORT_READS");
    char link[40], path[1000];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    length = readlink(link, path, sizeof(path) - 1);
    if (!folder || length < 0)
        return 0;
    path[length] = '\0';
    return strncmp(path, folder, strlen(folder)) == 0;
}

ssize_t read(int file, void *room, size_t size)
{
    static ssize_t (*real)(int, void *, size_t);
    static volatile unsigned calls;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "read");
    if (size < 1000 || !is_meant(file))
        return real(file, room, size);
    if (++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    return real(file, room, size / 3 + 1);
}
