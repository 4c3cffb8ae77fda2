/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ap_listen.h"
#include "ap_mpm.h"
#include "apr_shm.h"
#include "http_log.h"
#include "http_main.h"
#include "mpm_common.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "serve/token_process.h"

APLOG_USE_MODULE(ocsp_responder);

/* Names what is kept; to be changed with its layout. */
#define RETAINED "mod_ocsp_responder: tokens, 8"

enum { CHILDREN_END = 0, PROCESS_END = 1 };

/* A process that holds a token. */
typedef struct {
    apr_proc_t process; /* APR looks at it; its pid is 0 while there is none */
    token_kept_t *kept;
} holder_t;

/* Lives as long as the server, though httpd unloads the module when it
 * restarts. */
struct token_kept_t {
    token_kept_t *next;
    unsigned char id[TOKEN_ID], login_id[TOKEN_ID];
    int ends[2]; /* of the socket over which others are passed on */
    holder_t running;
    holder_t former; /* of before a restart: answers until running has opened
                      * the token, or been refused */
    int is_wanted;   /* started since the others were forgotten */
    apr_time_t told_at;
    token_state_t *state;
    token_login_t *login; /* the same for the same login_id */
    /* Of the configuration: */
    token_process_t process;
    apr_pool_t *pconf;
};

typedef struct {
    token_kept_t *first;
} retained_t;

static retained_t *retained(void)
{
    retained_t *found = ap_retained_data_get(RETAINED);

    return found ? found : ap_retained_data_create(RETAINED, sizeof(*found));
}

/* -- what is kept ---------------------------------------------------------- */

static token_state_t *make_state(void)
{
    apr_shm_t *segment;

    /* Anonymous memory comes zeroed. */
    return apr_shm_create(&segment, sizeof(token_state_t), NULL, ap_pglobal)
            == APR_SUCCESS
        ? apr_shm_baseaddr_get(segment)
        : NULL;
}

static token_login_t *find_login(const unsigned char *id)
{
    const token_kept_t *kept = retained()->first;

    while (kept && memcmp(kept->login_id, id, TOKEN_ID) != 0)
        kept = kept->next;
    return kept ? kept->login : NULL;
}

static token_kept_t *make_kept(const unsigned char *id,
                               const unsigned char *login)
{
    token_kept_t *kept = apr_pcalloc(ap_pglobal, sizeof(*kept));

    memcpy(kept->id, id, TOKEN_ID);
    memcpy(kept->login_id, login, TOKEN_ID);
    kept->state = make_state();
    if (!kept->state || socketpair(AF_UNIX, SOCK_STREAM, 0, kept->ends) != 0)
        return NULL;
    kept->login = find_login(login);
    if (!kept->login)
        kept->login = &kept->state->login;
    kept->running.kept = kept->former.kept = kept;
    fcntl(kept->ends[CHILDREN_END], F_SETFD, FD_CLOEXEC);
    fcntl(kept->ends[PROCESS_END], F_SETFD, FD_CLOEXEC);
    kept->next = retained()->first;
    retained()->first = kept;
    return kept;
}

token_kept_t *token_keeper_find(const unsigned char id[TOKEN_ID],
                                const unsigned char login[TOKEN_ID])
{
    token_kept_t *kept = retained()->first;

    while (kept && memcmp(kept->id, id, TOKEN_ID) != 0)
        kept = kept->next;
    return kept ? kept : make_kept(id, login);
}

apr_time_t *token_keeper_hung_at(token_kept_t *kept)
{
    return &kept->state->hung_at;
}

/* -- its process ----------------------------------------------------------- */

/* Those that end the server end this process too. */
static void set_signals(void)
{
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGWINCH, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

/* In a new process, which must not keep others from seeing that the server is
 * gone. own: the socket that it keeps; -1: none. */
static void leave_server(int own, apr_pool_t *pconf, server_rec *server)
{
    const token_kept_t *each;

    set_signals();
    ap_close_listeners();
    for (each = retained()->first; each; each = each->next) {
        close(each->ends[CHILDREN_END]);
        if (each->ends[PROCESS_END] != own)
            close(each->ends[PROCESS_END]);
    }
    if (ap_run_drop_privileges(pconf, server) != OK)
        _exit(1);
}

void token_keeper_leave(apr_pool_t *pconf, server_rec *server)
{
    leave_server(-1, pconf, server);
}

/* Of which each thread of each child may have one. */
static void allow_sockets(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static void become_process(const token_kept_t *kept)
{
    leave_server(kept->ends[PROCESS_END], kept->pconf, ap_server_conf);
    allow_sockets();
    token_process_run(&kept->process);
}

static void maintain(int reason, void *data, int status);

static void await_end(holder_t *holder)
{
    apr_proc_other_child_register(&holder->process, maintain, holder, NULL,
                                  holder->kept->pconf);
}

static void start_process(token_kept_t *kept)
{
    const pid_t pid = fork();

    if (pid == 0)
        become_process(kept);
    if (pid < 0) {
        ap_log_error(APLOG_MARK, APLOG_ERR, errno, NULL,
                     "OCSP0551: OCSPResponderKey: no process can be started "
                     "for a token; it is tried again every ten seconds");
        return;
    }
    kept->running.process.pid = pid;
    await_end(&kept->running);
}

/* httpd tells no more of the end than a number. */
static void tell_end(token_kept_t *kept, int status)
{
    const apr_time_t now = apr_time_now();

    if (deadline_is_recent(kept->told_at, INTERVALS_TOKEN_LOG, now))
        return;
    kept->told_at = now;
    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, NULL,
                 "OCSP0552: OCSPResponderKey: the process that holds a token "
                 "has ended (status or signal %d), as the token failed, hung "
                 "or crashed; another is started",
                 status);
}

static void forget_process(holder_t *holder)
{
    pid_t pid = holder->process.pid;

    token_login_leave(holder->kept->login, pid);
    __atomic_compare_exchange_n(&holder->kept->state->holder, &pid, 0, 0,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    holder->process.pid = 0;
}

/* Called by httpd. */
static void maintain(int reason, void *data, int status)
{
    holder_t *holder = data;
    int state = 0;

    if (reason != APR_OC_REASON_DEATH && reason != APR_OC_REASON_LOST)
        return;
    apr_proc_other_child_unregister(holder);
    forget_process(holder);
    if (holder == &holder->kept->former
        || (ap_mpm_query(AP_MPMQ_MPM_STATE, &state) == APR_SUCCESS
            && state == AP_MPMQ_STOPPING))
        return;
    tell_end(holder->kept, status);
    start_process(holder->kept);
}

static int runs(pid_t pid)
{
    int status;

    return pid > 0 && waitpid(pid, &status, WNOHANG) == 0;
}

void token_keeper_kill(pid_t pid)
{
    int looks = (int)(INTERVALS_CLOSING / INTERVALS_CLOSING_LOOK);

    if (!runs(pid))
        return;
    kill(pid, SIGKILL);
    while (looks-- > 0 && runs(pid))
        apr_sleep(INTERVALS_CLOSING_LOOK);
}

static void end_process(holder_t *holder)
{
    token_keeper_kill(holder->process.pid);
    if (holder->process.pid)
        forget_process(holder);
}

/* A token may take seconds to be opened, in which the children are answered. */
static void keep_former(token_kept_t *kept)
{
    holder_t *running = &kept->running, *former = &kept->former;

    if (running->process.pid
        == __atomic_load_n(&kept->state->holder, __ATOMIC_SEQ_CST)) {
        end_process(former);
        former->process.pid = running->process.pid;
        running->process.pid = 0;
    }
    end_process(running);
    if (former->process.pid)
        await_end(former);
}

void token_keeper_start(token_kept_t *kept, apr_pool_t *pconf, const char *uri,
                        bytes_t passphrase)
{
    kept->pconf = pconf;
    kept->is_wanted = 1;
    kept->process.uri = uri;
    kept->process.passphrase = passphrase;
    kept->process.state = kept->state;
    kept->process.login = kept->login;
    kept->process.control = kept->ends[PROCESS_END];
    /* It would only hold what is open already, but with the code of before. */
    kept->state->started_at = 0;
    keep_former(kept);
    start_process(kept);
}

int token_keeper_start_missing(apr_pool_t *pconf, server_rec *server)
{
    token_kept_t *kept;

    (void)pconf;
    (void)server;
    for (kept = retained()->first; kept; kept = kept->next)
        if (kept->running.process.pid == 0 && kept->process.uri)
            start_process(kept);
    return OK;
}

void token_keeper_forget_others(void)
{
    token_kept_t **at = &retained()->first;

    while (*at) {
        token_kept_t *kept = *at;

        if (kept->is_wanted) {
            kept->is_wanted = 0;
            at = &kept->next;
            continue;
        }
        end_process(&kept->running);
        end_process(&kept->former);
        close(kept->ends[CHILDREN_END]);
        close(kept->ends[PROCESS_END]);
        *at = kept->next;
    }
}

int token_keeper_socket(token_kept_t *kept)
{
    if (kept->ends[PROCESS_END] >= 0)
        close(kept->ends[PROCESS_END]);
    kept->ends[PROCESS_END] = -1;
    return kept->ends[CHILDREN_END];
}
