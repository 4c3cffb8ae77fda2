/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/passphrase.h"
#include <signal.h>
#include <string.h>
#include "apr_file_io.h"
#include "apr_strings.h"
#include "apr_thread_proc.h"
#include <openssl/pem.h>
#include "base/deadline.h"
#include "base/intervals.h"
#include "base/secret.h"
#include "ocsp/key_file.h"

#define PASSPHRASE_MAX PEM_BUFSIZE /* OpenSSL's room when it asks */
#define EXEC_ROOM      (64 * 1024)

/* Runs path with nothing on its standard input. */
static apr_status_t exec_start(apr_proc_t *proc, apr_pool_t *pool,
                               const char *path)
{
    const char *const argv[] = { path, NULL };
    apr_procattr_t *attr;
    apr_file_t *null;
    apr_status_t rv;

    if ((rv = apr_procattr_create(&attr, pool))
        || (rv = apr_procattr_io_set(attr, APR_NO_PIPE, APR_CHILD_BLOCK,
                                     APR_NO_PIPE))
        || (rv = apr_file_open(&null, "/dev/null", APR_FOPEN_READ, 0, pool))
        || (rv = apr_procattr_child_in_set(attr, null, NULL))
        || (rv = apr_procattr_cmdtype_set(attr, APR_PROGRAM_ENV))
        || (rv = apr_procattr_error_check_set(attr, 1)))
        return rv;
    return apr_proc_create(proc, path, argv, NULL, attr, pool);
}

/* Reads what the program prints until it has ended; not until the pipe is
 * closed, which something it left behind may hold. NULL, or why not. */
static const char *exec_collect(apr_pool_t *pool, apr_proc_t *proc,
                                unsigned char *room, apr_size_t *len)
{
    const apr_time_t until =
        deadline_steady_now() + apr_time_from_sec(INTERVALS_EXEC);
    apr_status_t rv, ended = APR_CHILD_NOTDONE;
    apr_exit_why_e how = APR_PROC_EXIT;
    int status = 0;

    apr_file_pipe_timeout_set(proc->out, INTERVALS_EXEC_POLL);
    do {
        apr_size_t n = EXEC_ROOM - *len;

        if (ended == APR_CHILD_NOTDONE)
            ended = apr_proc_wait(proc, &status, &how, APR_NOWAIT);
        rv = apr_file_read(proc->out, room + *len, &n);
        if (rv == APR_SUCCESS)
            *len += n;
        else if (ended != APR_CHILD_NOTDONE)
            break;
        else if (!APR_STATUS_IS_TIMEUP(rv))
            apr_sleep(INTERVALS_EXEC_POLL);
    } while (*len < EXEC_ROOM && deadline_steady_now() < until);
    if (ended == APR_CHILD_NOTDONE) {
        apr_proc_kill(proc, SIGKILL);
        apr_proc_wait(proc, NULL, NULL, APR_WAIT);
        return apr_psprintf(pool, "took more than %d seconds or 64 KiB",
                            INTERVALS_EXEC);
    }
    if (!status)
        return NULL;
    return apr_psprintf(pool, "ended with %s %d",
                        APR_PROC_CHECK_EXIT(how) ? "status" : "signal", status);
}

static bytes_t exec_output(apr_pool_t *pool, const char *path, const char **why)
{
    unsigned char *room = secret_room(pool, EXEC_ROOM);
    bytes_t none = { NULL, 0 }, output = { room, 0 };
    const char *problem = NULL;
    apr_pool_t *own;
    apr_proc_t proc;
    apr_status_t rv;

    apr_pool_create(&own, pool);
    rv = exec_start(&proc, own, path);
    if (rv == APR_SUCCESS)
        problem = exec_collect(pool, &proc, room, &output.len);
    apr_pool_destroy(own); /* closes the pipe */
    if (rv != APR_SUCCESS)
        *why = apr_psprintf(pool, "cannot run %s: %pm", path, &rv);
    else if (problem)
        *why = apr_pstrcat(pool, path, " ", problem, NULL);
    return rv || problem ? none : output;
}

bytes_t passphrase_read(apr_pool_t *pool, const char *source, const char **why)
{
    const bytes_t none = { NULL, 0 };
    bytes_t text = none;
    apr_size_t len = 0;

    if (strncmp(source, "exec:/", 6) == 0)
        text = exec_output(pool, source + 5, why);
    else if (strncmp(source, "file:/", 6) == 0)
        text = key_file_read(pool, source + 5, why);
    else
        *why = "is neither exec:/path nor file:/path";
    if (!text.data)
        return none;
    while (len < text.len && text.data[len] != '\n')
        len++;
    if (len && len < text.len && text.data[len - 1] == '\r')
        len--;
    if (len < 1 || len > PASSPHRASE_MAX) {
        *why = apr_psprintf(pool,
                            "the first line of %s must be 1 to %d bytes long",
                            source + 5, PASSPHRASE_MAX);
        return none;
    }
    text.len = len;
    return text;
}
