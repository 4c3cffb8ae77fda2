/* SPDX-License-Identifier: Apache-2.0 */
#include "source/file_check.h"

#include "apr_file_io.h"
#include "apr_strings.h"
#include "http_core.h"

#include "base/deadline.h"
#include "base/file_stamp.h"

#define MOUNTED \
    "it is mounted without its folder, so that a file that takes its place, " \
    "as openssl ca makes one, is never seen: mount the folder"

static const char *cannot_open(apr_pool_t *pool, const char *path)
{
    apr_file_t *file;
    char text[120];
    const apr_status_t status = apr_file_open(
        &file, path, APR_FOPEN_READ | APR_FOPEN_NONBLOCK, APR_OS_DEFAULT, pool);

    if (status == APR_SUCCESS) {
        apr_file_close(file);
        return NULL;
    }
    return apr_pstrcat(pool, "it cannot be opened: ",
                       apr_strerror(status, text, sizeof(text)), NULL);
}

ocsp_responder_severity_t file_check_severity(void)
{
    return ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST
        ? OCSP_RESPONDER_ERROR
        : OCSP_RESPONDER_WARNING;
}

void file_check(const char *what, watched_file_t *file,
                const ocsp_responder_call_t *call,
                const ocsp_responder_reporter_t *reporter)
{
    const char *path = watched_file_path(file);
    const char *why = cannot_open(call->pool, path), *text;

    if (!why
        && !watched_file_read(file, call->pool, deadline_steady_now(), &text))
        why = text;
    if (why)
        reporter->report(
            reporter, file_check_severity(), OCSP_RESPONDER_AT_SOURCE,
            apr_psprintf(call->pool,
                         "OCSPResponderSource %s %s, as the user that httpd "
                         "runs as: %s",
                         what, path, why));
    else if ((why = watched_file_fault(file)) != NULL
             || (file_stamp_is_mounted(call->pool, path) && (why = MOUNTED)))
        reporter->report(reporter, OCSP_RESPONDER_WARNING,
                         OCSP_RESPONDER_AT_SOURCE,
                         apr_pstrcat(call->pool, path, ": ", why, NULL));
}
