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

/* What the watching process must not hold itself. */
static int end_of_others = -1;

/* Looks until nobody holds the other end of life any more. Never returns. */
static void monitor_watch(apr_pool_t *pconf, server_rec *server, int life)
{
    struct pollfd end = { .fd = life, .events = POLLIN };

    close(end_of_others);
    token_keeper_leave(pconf, server);
    do
        preflight_run(watched, NULL);
    while (poll(&end, 1, INTERVALS_MONITOR * 1000) == 0);
    _exit(0);
}

static apr_status_t close_end(void *end)
{
    close(*(int *)end);
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

void monitor_start(apr_pool_t *pconf, server_rec *server)
{
    int *life = apr_palloc(pconf, 2 * sizeof(*life));

    if (!watched || preflight_is_empty(watched) || pipe(life) != 0)
        return;
    fcntl(life[1], F_SETFD, FD_CLOEXEC);
    end_of_others = life[1];
    fork_twice(pconf, server, life[0]);
    close(life[0]);
    apr_pool_cleanup_register(pconf, &life[1], close_end,
                              apr_pool_cleanup_null);
}
