/* SPDX-License-Identifier: Apache-2.0 */
#include "source/watcher.h"

#include <pthread.h>
#include <signal.h>

#include "apr_atomic.h"
#include "apr_strings.h"
#include "apr_tables.h"
#include "apr_thread_proc.h"
#include "http_core.h"
#include "http_log.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/log_limit.h"
#include "base/snapshot.h"
#include "source/file_check.h"

APLOG_USE_MODULE(ocsp_responder);

/* Ids of messages. */
#define FILE_FAULT   "OCSP0601"
#define THREAD_FAULT "OCSP0602"

typedef struct {
    watched_file_t *file;
    apr_time_t wrong_since; /* 0: nothing is wrong */
    int is_lost;
} watched_t;

struct watcher_t {
    const char *what;
    apr_array_header_t *files; /* of watched_t */
    /* In a child process: */
    server_rec *server;
    watcher_looked_t looked;
    void *data;
    volatile apr_uint32_t has_thread;
    volatile apr_uint32_t is_starting; /* somebody does, and has the next */
    apr_time_t tried_at;
    apr_thread_t *thread;
    pthread_mutex_t mutex; /* guards the rest */
    pthread_cond_t cond;   /* it has changed */
    int is_current;
    int is_stopping;
    int has_stopped;
};

watcher_t *watcher_create(apr_pool_t *pool, const char *what)
{
    watcher_t *watcher = apr_pcalloc(pool, sizeof(*watcher));

    pthread_mutex_init(&watcher->mutex, NULL);
    deadline_init_condition(&watcher->cond);
    watcher->what = what;
    watcher->files = apr_array_make(pool, 2, sizeof(watched_t));
    return watcher;
}

/* Whether children of this process will answer requests. */
static int will_serve(void)
{
    return ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_NORMAL
        && ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG;
}

void watcher_add(watcher_t *watcher, watched_file_t *file)
{
    watched_t *watched = apr_array_push(watcher->files);

    memset(watched, 0, sizeof(*watched));
    watched->file = file;
    if (!will_serve())
        return;
    watched_file_share(file);
    watched_file_load(file, deadline_steady_now());
}

static watched_t *watcher_nth(const watcher_t *watcher, int i)
{
    return &APR_ARRAY_IDX(watcher->files, i, watched_t);
}

/* The first file that is not known to be current, with why; NULL: all are. */
static const watched_file_t *find_doubtful(const watcher_t *watcher,
                                           const char **why)
{
    const apr_time_t now = deadline_steady_now();
    int i;

    for (i = 0; i < watcher->files->nelts; i++)
        if (!watched_file_is_current(watcher_nth(watcher, i)->file, now, why))
            return watcher_nth(watcher, i)->file;
    return NULL;
}

/* -- before the start ------------------------------------------------------ */

int watcher_read(watcher_t *watcher)
{
    int count = 0, i;

    for (i = 0; i < watcher->files->nelts; i++) {
        watched_file_t *file = watcher_nth(watcher, i)->file;
        const char *why;

        if (watched_file_is_current(file, deadline_steady_now(), &why))
            continue;
        watched_file_load(file, deadline_steady_now());
        count++;
    }
    return count > 0;
}

void watcher_check(watcher_t *watcher, const ocsp_responder_call_t *call,
                   const ocsp_responder_reporter_t *reporter)
{
    int i;

    watcher_read(watcher);
    for (i = 0; i < watcher->files->nelts; i++)
        file_check(watcher->what, watcher_nth(watcher, i)->file, call,
                   reporter);
}

/* -- the thread ------------------------------------------------------------ */

/* Whether the log may be told, about what is wrong with what, by all processes
 * together. */
static int is_due(const watcher_t *watcher, const char *id, const char *what)
{
    const char *name = watcher->server->server_hostname;

    return log_limit_allows(id, name ? name : "", what, apr_time_now());
}

/* Tells what is wrong with a file, when it has been for a while. */
static void watcher_tell(const watcher_t *watcher, watched_t *watched)
{
    const apr_time_t now = deadline_steady_now();
    const char *fault = watched_file_fault(watched->file);
    const char *path = watched_file_path(watched->file);

    if (!fault)
        watched->wrong_since = 0;
    else if (!watched->wrong_since)
        watched->wrong_since = now;
    else if (now - watched->wrong_since > INTERVALS_FILE_WRONG
             && is_due(watcher, FILE_FAULT, path))
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, watcher->server,
                     FILE_FAULT ": %s %s: %s", watcher->what, path, fault);
}

/* Looks at a file. Returns whether it has changed, or gone. */
static int look_at(watched_t *watched, apr_time_t now)
{
    const int was_lost = watched->is_lost;
    const watched_file_look_t found = watched_file_look(watched->file, now);

    watched->is_lost = found == WATCHED_FILE_LOST;
    return found == WATCHED_FILE_CHANGED || watched->is_lost > was_lost;
}

/* The nearest of the instants at which all processes look, so that they take a
 * change together: what one has answered another does not take back. */
static apr_time_t nearest_look(apr_time_t now)
{
    const apr_time_t later = now + INTERVALS_FILES / 2;

    return later - later % INTERVALS_FILES;
}

/* Looks at each file once. Returns whether any has changed. */
static int watcher_look(watcher_t *watcher)
{
    const apr_time_t now = nearest_look(deadline_steady_now());
    int changed = 0, i;

    for (i = 0; i < watcher->files->nelts; i++) {
        watched_t *watched = watcher_nth(watcher, i);

        changed |= look_at(watched, now);
        watcher_tell(watcher, watched);
    }
    return changed;
}

/* Waits until the next look is due. Returns 0 when it is the end. */
static int rest(watcher_t *watcher)
{
    const char *why;
    const int is_current = !find_doubtful(watcher, &why);
    const apr_time_t now = deadline_steady_now();
    const apr_time_t due =
        apr_time_now() + nearest_look(now) + INTERVALS_FILES - now;
    int is_stopping;

    pthread_mutex_lock(&watcher->mutex);
    if (is_current && !watcher->is_current) {
        watcher->is_current = 1;
        pthread_cond_broadcast(&watcher->cond);
    }
    while (!watcher->is_stopping
           && deadline_wait(&watcher->cond, &watcher->mutex, due))
        ;
    is_stopping = watcher->is_stopping;
    pthread_mutex_unlock(&watcher->mutex);
    return !is_stopping;
}

static void *APR_THREAD_FUNC watcher_watch(apr_thread_t *thread, void *data)
{
    watcher_t *watcher = data;
    sigset_t all;

    (void)thread;
    /* Signals are for httpd's own threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    do {
        const int has_changed = watcher_look(watcher);

        if (watcher->looked)
            watcher->looked(watcher->data, has_changed);
    } while (rest(watcher));
    pthread_mutex_lock(&watcher->mutex);
    watcher->has_stopped = 1;
    pthread_cond_broadcast(&watcher->cond);
    pthread_mutex_unlock(&watcher->mutex);
    return NULL;
}

/* -- its life -------------------------------------------------------------- */

/* Waits until *flag, which the mutex guards, for so long at most. Returns
 * whether it is set. */
static int watcher_wait_for(watcher_t *watcher, const int *flag,
                            apr_interval_time_t limit)
{
    const apr_time_t end = apr_time_now() + limit;
    int is_set;

    pthread_mutex_lock(&watcher->mutex);
    while (!*flag && deadline_wait(&watcher->cond, &watcher->mutex, end))
        ;
    is_set = *flag;
    pthread_mutex_unlock(&watcher->mutex);
    return is_set;
}

/* The thread still has OpenSSL's memory to free when it says that it has
 * stopped, so it is joined; one that hangs is not waited for. */
static apr_status_t stop(void *data)
{
    watcher_t *watcher = data;
    apr_status_t status;

    if (!apr_atomic_read32(&watcher->has_thread))
        return APR_SUCCESS;
    pthread_mutex_lock(&watcher->mutex);
    watcher->is_stopping = 1;
    pthread_cond_broadcast(&watcher->cond);
    pthread_mutex_unlock(&watcher->mutex);
    if (watcher_wait_for(watcher, &watcher->has_stopped, INTERVALS_FILES_STOP))
        apr_thread_join(&status, watcher->thread);
    return APR_SUCCESS;
}

/* In a pool that is never destroyed, as the thread may hang in a look when the
 * process ends. */
static int start_thread(watcher_t *watcher)
{
    apr_pool_t *pool = snapshot_pool();

    if (!pool)
        return 0;
    if (apr_thread_create(&watcher->thread, NULL, watcher_watch, watcher, pool)
        == APR_SUCCESS)
        return 1;
    apr_pool_destroy(pool);
    return 0;
}

/* Resources that are missing may be there a second later. */
static void try_to_start(watcher_t *watcher)
{
    const apr_time_t now = deadline_steady_now();

    if (apr_atomic_read32(&watcher->has_thread)
        || deadline_is_recent(watcher->tried_at, INTERVALS_LOOK, now))
        return;
    watcher->tried_at = now;
    if (start_thread(watcher))
        apr_atomic_set32(&watcher->has_thread, 1);
    else if (is_due(watcher, THREAD_FAULT, watcher->what))
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, watcher->server,
                     THREAD_FAULT
                     ": %s: no thread can be started that looks whether its "
                     "files change, so nothing is answered from them until one "
                     "can",
                     watcher->what);
}

/* By one thread at a time. */
static void watcher_run(watcher_t *watcher)
{
    if (apr_atomic_cas32(&watcher->is_starting, 1, 0) != 0)
        return;
    try_to_start(watcher);
    apr_atomic_set32(&watcher->is_starting, 0);
}

void watcher_start(watcher_t *watcher, apr_pool_t *pool, server_rec *server,
                   watcher_looked_t looked, void *data)
{
    int i;

    watcher->looked = looked;
    watcher->data = data;
    for (i = 0; i < watcher->files->nelts; i++)
        watched_file_doubt(watcher_nth(watcher, i)->file);
    watcher->server = server;
    apr_pool_cleanup_register(pool, watcher, stop, apr_pool_cleanup_null);
    watcher_run(watcher);
    if (apr_atomic_read32(&watcher->has_thread))
        watcher_wait_for(watcher, &watcher->is_current, INTERVALS_FILES_START);
}

static void keep_running(watcher_t *watcher)
{
    if (watcher->server && !apr_atomic_read32(&watcher->has_thread))
        watcher_run(watcher);
}

const void *watcher_value(watcher_t *watcher, watched_file_t *file,
                          apr_pool_t *pool, const char **why)
{
    keep_running(watcher);
    return watched_file_read(file, pool, deadline_steady_now(), why);
}

int watcher_is_current(watcher_t *watcher, apr_pool_t *pool, const char **why)
{
    const watched_file_t *file;
    const char *what;

    keep_running(watcher);
    file = find_doubtful(watcher, &what);
    if (file)
        *why = apr_pstrcat(pool, watched_file_path(file), ": ", what, NULL);
    return !file;
}
