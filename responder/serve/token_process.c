/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_process.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "apr_strings.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/snapshot.h"
#include "ocsp/key_uri.h"
#include "serve/token_message.h"
#include "serve/token_probe.h"
#include "serve/token_signers.h"
#include "serve/token_workers.h"

/* What is said behind why a token is left alone. */
#define NOT_AGAIN \
    "; it is not tried again until the pass phrase or the token changes"

/* One process has one token, so there is one of these. */
static struct {
    const token_process_t *process;
    int has_pin;           /* as key_uri_has_pin() has it */
    apr_time_t started_at; /* as in state, until another is started */
    pthread_mutex_t mutex; /* held for no call of the token's; guards: */
    pthread_cond_t tried;  /* signalled when one of these changes: */
    EVP_PKEY *key; /* NULL: not loaded, why tells; "": nobody knows yet */
    char why[512];
    int working;          /* signatures under way */
    apr_time_t moved_at;  /* when one ended, or was begun as the only one */
    apr_time_t opened_at; /* when the token was begun to be opened; 0: it is not
                           * being opened */
    int has_taken_over;   /* from the process of before a restart */
    int asked;            /* atomic: whether the token has been given a PIN */
    apr_time_t failed_at; /* when a signature failed, or another took over */
} self = { .mutex = PTHREAD_MUTEX_INITIALIZER,
           .tried = PTHREAD_COND_INITIALIZER };

static apr_pool_t *new_pool(void)
{
    apr_pool_t *pool = snapshot_pool();

    if (!pool)
        _exit(1);
    return pool;
}

/* -- opening the token ----------------------------------------------------- */

static void begin_opening(void)
{
    pthread_mutex_lock(&self.mutex);
    self.opened_at = deadline_steady_now();
    pthread_mutex_unlock(&self.mutex);
}

static void note_key(EVP_PKEY *key, const char *why)
{
    const int is_known = key || token_login_is_refused(self.process->login);

    pthread_mutex_lock(&self.mutex);
    if (is_known && !self.has_taken_over)
        __atomic_store_n(&self.process->state->holder, getpid(),
                         __ATOMIC_SEQ_CST);
    self.has_taken_over |= is_known;
    self.opened_at = 0;
    self.key = key;
    if (why)
        apr_cpystrn(self.why, why, sizeof(self.why));
    pthread_cond_broadcast(&self.tried);
    pthread_mutex_unlock(&self.mutex);
}

/* One attempt. 1 when the key is there. */
static int token_process_open(apr_pool_t *pool)
{
    key_uri_result_t result;
    const char *why = NULL;
    EVP_PKEY *key;

    begin_opening();
    key = key_uri_load(pool, self.process->uri, self.process->passphrase,
                       &result, &why);
    if (token_login_end(self.process->login, result))
        why = apr_pstrcat(pool, why, NOT_AGAIN, NULL);
    note_key(key, why);
    return key != NULL;
}

/* A token that has refused its PIN is left alone until it is taken away. Of the
 * next one a driver may know nothing that has seen this one. */
static int may_open(void)
{
    static int was_refused;
    int may = token_login_begin(self.process->login);

    if (may && was_refused)
        _exit(1);
    was_refused = !may;
    if (!may && !*self.why)
        note_key(NULL, "the token has refused the pass phrase" NOT_AGAIN);
    return may;
}

static void *keep_opening(void *unused)
{
    apr_time_t now = deadline_steady_now(),
               last = self.process->state->started_at;

    (void)unused;
    self.process->state->started_at = self.started_at = now;
    if (last && now - last < INTERVALS_TOKEN_RETRY)
        apr_sleep(INTERVALS_TOKEN_RETRY);
    for (;;) {
        apr_pool_t *pool = new_pool();

        if (may_open() && token_process_open(pool))
            return NULL;
        apr_pool_destroy(pool);
        apr_sleep(INTERVALS_TOKEN_RETRY);
    }
}

/* -- signing --------------------------------------------------------------- */

static void note_work(int more)
{
    pthread_mutex_lock(&self.mutex);
    /* One more that waits for a token that hangs is no sign of life. */
    if (more < 0 || self.working == 0)
        self.moved_at = deadline_steady_now();
    self.working += more;
    pthread_mutex_unlock(&self.mutex);
}

/* The token has lost the key, or never had it: to be opened anew. */
static void note_failure(void)
{
    pthread_mutex_lock(&self.mutex);
    if (!self.failed_at)
        self.failed_at = deadline_steady_now();
    pthread_mutex_unlock(&self.mutex);
}

/* Waits until the token has been tried once. */
static EVP_PKEY *opened_key(apr_pool_t *pool, const char **why)
{
    EVP_PKEY *key;

    pthread_mutex_lock(&self.mutex);
    while (!self.key && !*self.why)
        pthread_cond_wait(&self.tried, &self.mutex);
    key = self.key;
    *why = apr_pstrdup(pool, self.why);
    pthread_mutex_unlock(&self.mutex);
    return key;
}

/* A key that goes with no certificate is not the one that is meant. */
static const signer_t *find_signer(apr_pool_t *pool,
                                   const token_message_t *request,
                                   EVP_PKEY *key, const char **why)
{
    const signer_t *signer =
        token_signers_find(pool, request->parts[0],
                           (const char *)request->parts[1].data, key, why);

    /* Another may know the key that has taken the place of this one. */
    if (!signer && self.process->state->started_at != self.started_at)
        _exit(1);
    if (!signer && !token_signers_any())
        note_failure();
    return signer;
}

/* A failure has the token opened anew. */
static int sign_with(apr_pool_t *pool, const signer_t *signer, bytes_t bytes,
                     bytes_t *signature, const char **why)
{
    const int done = token_signers_sign(signature, pool, signer, bytes, why);

    if (!done)
        note_failure();
    return done;
}

static void token_process_sign(apr_pool_t *pool, EVP_PKEY *key, const char *why,
                               const token_message_t *request,
                               token_message_t *answer)
{
    const bytes_t bytes = request->parts[2];
    const signer_t *signer = key ? find_signer(pool, request, key, &why) : NULL;
    const int done = signer
        && (!bytes.len
            || sign_with(pool, signer, bytes, &answer->parts[1], &why));

    answer->kind = done ? TOKEN_SIGNED : TOKEN_FAILED;
    answer->parts[0] = done ? signer->algorithm : token_message_text(why);
}

/* For token_workers_start(). */
static void token_process_answer(
    apr_pool_t *pool, const token_message_t *request, token_message_t *made)
{
    const char *why;
    EVP_PKEY *key = opened_key(pool, &why);

    note_work(1);
    token_process_sign(pool, key, why, request, made);
    note_work(-1);
}

/* -- the main thread ------------------------------------------------------- */

/* Whether another process answers. */
static int has_other_holder(void)
{
    const pid_t holder =
        __atomic_load_n(&self.process->state->holder, __ATOMIC_SEQ_CST);

    return holder && holder != getpid();
}

/* Whether it is better to begin anew, or to leave the rest to another. */
static int is_lost(void)
{
    apr_time_t now = deadline_steady_now();
    int lost;

    pthread_mutex_lock(&self.mutex);
    if (self.has_taken_over && has_other_holder() && !self.failed_at)
        self.failed_at = now;
    lost = (self.working > 0 && now - self.moved_at > INTERVALS_TOKEN_HANG)
        || (self.opened_at && now - self.opened_at > INTERVALS_TOKEN_OPENING)
        || (self.failed_at
            && (self.working == 0
                || now - self.failed_at > INTERVALS_TOKEN_FAREWELL));
    pthread_mutex_unlock(&self.mutex);
    return lost;
}

/* Whether the token is tried in vain, or for long, without a PIN. */
static int is_waiting(void)
{
    const token_process_t *process = self.process;
    int waits;

    pthread_mutex_lock(&self.mutex);
    waits = !self.key && !__atomic_load_n(&self.asked, __ATOMIC_RELAXED)
        && (*self.why
            || (self.opened_at && !self.has_pin
                && deadline_steady_now() - self.opened_at
                    > INTERVALS_TOKEN_REACHING));
    pthread_mutex_unlock(&self.mutex);
    return waits && !token_login_is_refused(process->login);
}

/* Whether the token is not opened here, while others get through to it. */
static int is_passed_by(token_probe_t *probe)
{
    int is_open;

    pthread_mutex_lock(&self.mutex);
    is_open = self.key != NULL;
    pthread_mutex_unlock(&self.mutex);
    if (is_open)
        token_probe_end(probe);
    return is_waiting() && token_probe_passes(probe);
}

/* Whether the token that has refused its PIN has been taken away is seen by a
 * process that begins anew. */
static void await_change(token_probe_t *probe)
{
    token_login_t *login = self.process->login;

    if (token_login_is_refused(login) && token_probe_misses(probe))
        token_login_forget(login);
}

void token_process_run(const token_process_t *process)
{
    struct pollfd wanted = { .fd = process->control };
    token_probe_t probe = token_probe_start(process->uri);
    pthread_t opening;

    key_uri_ask_nobody();
    key_uri_tell_asked(&self.asked);
    self.process = process;
    self.has_pin = key_uri_has_pin(process->uri);
    token_signers_init(new_pool());
    /* To end while the token is opened may harm one that is in files: SoftHSM
     * writes its own anew at each login. */
    if (!token_workers_start(token_process_answer)
        || pthread_create(&opening, NULL, keep_opening, NULL) != 0)
        _exit(1);
    while (!is_lost() && !is_passed_by(&probe)) {
        int socket;

        await_change(&probe);
        wanted.events = has_other_holder() ? 0 : POLLIN;
        if (poll(&wanted, 1, INTERVALS_TOKEN_LOOK) <= 0)
            continue;
        socket = token_message_take(process->control);
        if (socket == 0)
            _exit(0);
        if (socket > 0)
            token_workers_add(socket);
    }
    /* Without the driver's own farewell, which may hang too. */
    _exit(1);
}
