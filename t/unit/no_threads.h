/* SPDX-License-Identifier: Apache-2.0
 * Has no thread made where a test says so. */
#ifndef NO_THREADS_H
#define NO_THREADS_H

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

static int no_threads;

typedef int (*create_t)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                        void *);

/* In place of the C library's, for APR, too. */
__attribute__((visibility("default"))) int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *),
    void *data)
{
    create_t real;
    void *found = dlsym(RTLD_NEXT, "pthread_create");

    memcpy(&real, &found, sizeof(real));
    return no_threads ? EAGAIN : real(thread, attributes, work, data);
}

#endif
