/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/monitor.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "apr_thread_proc.h"

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

/* APR looks at it; its pid is not above 0 while it does not run. */
static apr_proc_t running;

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

static apr_status_t monitor_end(void *unused)
{
    (void)unused;
    token_keeper_kill(running.pid);
    running.pid = 0;
    if (held >= 0)
        close(held);
    held = -1;
    return APR_SUCCESS;
}

/* Called by httpd. */
static void monitor_note_end(int reason, void *data, int status)
{
    (void)status;
    if (reason != APR_OC_REASON_DEATH && reason != APR_OC_REASON_LOST)
        return;
    apr_proc_other_child_unregister(data);
    running.pid = 0;
}

static void monitor_start_process(apr_pool_t *pconf, server_rec *server)
{
    int ends[2];

    if (pipe(ends) != 0)
        return;
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    held = ends[1];
    running.pid = fork();
    if (running.pid == 0)
        monitor_watch(pconf, server, ends[0]);
    close(ends[0]);
    if (running.pid > 0)
        apr_proc_other_child_register(&running, monitor_note_end, &running,
                                      NULL, pconf);
}

static int monitor_is_wanted(void)
{
    return watched && !preflight_is_empty(watched);
}

void monitor_start(apr_pool_t *pconf, server_rec *server)
{
    apr_pool_cleanup_register(pconf, NULL, monitor_end, apr_pool_cleanup_null);
    if (monitor_is_wanted())
        monitor_start_process(pconf, server);
}

int monitor_start_missing(apr_pool_t *pconf, server_rec *server)
{
    if (monitor_is_wanted() && running.pid <= 0) {
        monitor_end(NULL);
        monitor_start_process(pconf, server);
    }
    return OK;
}
