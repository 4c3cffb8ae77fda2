/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_probe.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/intervals.h"
#include "base/snapshot.h"
#include "ocsp/key_uri.h"

/* How many must get through, or find nothing: an attempt may be slow by chance,
 * or may have begun before the token came. */
#define ENOUGH 2

/* What a probe has found. */
typedef enum {
    FOUND_NOTHING = 0, /* in time */
    FOUND_ABSENT,
    FOUND_TOKEN
} found_t;

/* -- the process that probes ----------------------------------------------- */

static void end_when_late(void)
{
    const struct itimerval limit = {
        .it_value = { apr_time_sec(INTERVALS_TOKEN_PROBE),
                      apr_time_usec(INTERVALS_TOKEN_PROBE) }
    };
    sigset_t alarm;

    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    signal(SIGALRM, SIG_DFL);
    if (sigprocmask(SIG_UNBLOCK, &alarm, NULL) != 0
        || setitimer(ITIMER_REAL, &limit, NULL) != 0)
        _exit(1);
}

static void become_probe(const char *uri)
{
    apr_pool_t *pool = snapshot_pool();

    end_when_late();
    key_uri_ask_nobody();
    if (!pool)
        _exit(1);
    /* Without the driver's own farewell, which may hang. */
    _exit(key_uri_asks(pool, uri) ? FOUND_TOKEN : FOUND_ABSENT);
}

/* One probe: a found_t. */
static char try_once(const char *uri)
{
    pid_t pid = fork(), ended;
    int status = 0;

    if (pid == 0)
        become_probe(uri);
    if (pid < 0)
        return FOUND_NOTHING;
    do
        ended = waitpid(pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == pid && WIFEXITED(status) ? (char)WEXITSTATUS(status)
                                             : FOUND_NOTHING;
}

/* Until whoever asks is gone. */
static void token_probe_serve(int socket, const char *uri)
{
    char found;

    while (recv(socket, &found, 1, 0) == 1) {
        found = try_once(uri);
        if (found != FOUND_TOKEN)
            apr_sleep(INTERVALS_TOKEN_PROBE_PAUSE);
        if (send(socket, &found, 1, MSG_NOSIGNAL) != 1)
            break;
    }
    _exit(0);
}

/* -- the process that opens the token -------------------------------------- */

token_probe_t token_probe_start(const char *uri)
{
    token_probe_t probe = { .socket = -1 };
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return probe;
    probe.pid = fork();
    if (probe.pid == 0) {
        close(ends[0]);
        token_probe_serve(ends[1], uri);
    }
    close(ends[1]);
    if (probe.pid > 0)
        probe.socket = ends[0];
    else
        close(ends[0]);
    return probe;
}

/* What the last probe has found, if it has ended. */
static void take_found(token_probe_t *probe)
{
    char found;

    if (!probe->is_under_way
        || recv(probe->socket, &found, 1, MSG_DONTWAIT) != 1)
        return;
    probe->is_under_way = 0;
    probe->passed = found == FOUND_TOKEN ? probe->passed + 1 : 0;
    probe->missed = found == FOUND_ABSENT ? probe->missed + 1 : 0;
}

static void begin_another(token_probe_t *probe)
{
    if (probe->is_under_way || probe->socket < 0)
        return;
    probe->is_under_way = send(probe->socket, "", 1, MSG_NOSIGNAL) == 1;
    probe->began_at = apr_time_now();
}

int token_probe_passes(token_probe_t *probe)
{
    take_found(probe);
    /* A token that is missed before it comes has not been taken away. */
    probe->missed = 0;
    begin_another(probe);
    return probe->passed >= ENOUGH;
}

int token_probe_misses(token_probe_t *probe)
{
    const apr_time_t now = apr_time_now();
    int is_gone;

    take_found(probe);
    is_gone = probe->missed >= ENOUGH;
    if (is_gone)
        probe->missed = 0;
    if (!probe->passed || now < probe->began_at
        || now - probe->began_at >= INTERVALS_TOKEN_RETRY)
        begin_another(probe);
    return is_gone;
}

void token_probe_end(token_probe_t *probe)
{
    int status;

    if (probe->socket < 0)
        return;
    close(probe->socket);
    probe->socket = -1;
    kill(probe->pid, SIGKILL);
    while (waitpid(probe->pid, &status, 0) < 0 && errno == EINTR)
        ;
}
