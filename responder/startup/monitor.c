/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/monitor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/intervals.h"
#include "serve/token_keeper.h"

/* Of the configuration that is read; NULL: there is none. */
static preflight_t *watched;

void monitor_prepare(preflight_t *preflight)
{
    watched = preflight;
}

/* The end of a pipe that this process and its children hold for as long as the
 * watching process is to live; -1: none. */
static int held = -1;

/* Looks until nobody holds the other end of life any more. Never returns. */
static void monitor_watch(apr_pool_t *pconf, server_rec *server, int life)
{
    struct pollfd end = { .fd = life, .events = POLLIN };

    close(held);
    token_keeper_leave(pconf, server);
    do
        preflight_run(watched, NULL);
    while (poll(&end, 1, INTERVALS_MONITOR * 1000) == 0);
    _exit(0);
}

static apr_status_t monitor_let_go(void *unused)
{
    (void)unused;
    if (held >= 0)
        close(held);
    held = -1;
    return APR_SUCCESS;
}

/* A grandchild of httpd's, which counts its own children. Returns in the parent
 * only. */
static void fork_twice(apr_pool_t *pconf, server_rec *server, int life)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        if (fork() == 0)
            monitor_watch(pconf, server, life);
        _exit(0);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
}

static void monitor_start_process(apr_pool_t *pconf, server_rec *server)
{
    int ends[2];

    if (pipe(ends) != 0)
        return;
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    held = ends[1];
    fork_twice(pconf, server, ends[0]);
    close(ends[0]);
}

static int monitor_is_wanted(void)
{
    return watched && !preflight_is_empty(watched);
}

void monitor_start(apr_pool_t *pconf, server_rec *server)
{
    apr_pool_cleanup_register(pconf, NULL, monitor_let_go,
                              apr_pool_cleanup_null);
    if (monitor_is_wanted())
        monitor_start_process(pconf, server);
}

int monitor_start_missing(apr_pool_t *pconf, server_rec *server)
{
    struct pollfd other = { .fd = held };

    /* An error: nobody has the other end any more. */
    if (monitor_is_wanted() && (held < 0 || poll(&other, 1, 0) == 1)) {
        monitor_let_go(NULL);
        monitor_start_process(pconf, server);
    }
    return OK;
}
