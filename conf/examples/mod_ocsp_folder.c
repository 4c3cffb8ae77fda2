/* SPDX-License-Identifier: Apache-2.0
 * An example of a source of statuses: a folder that has a file for each
 * certificate of a CA, named by its serial, "1A2B" for one. It says "good", or
 * when the certificate was revoked, in seconds since 1970.
 *
 *     OCSPResponderSource folder /etc/pki/statuses
 *
 * Needs httpd's headers and mod_ocsp_responder.h: apxs -c -i -a this file. */
#include "httpd.h"
#include "http_config.h"
#include "apr_file_io.h"
#include "apr_strings.h"
#include "mod_ocsp_responder.h"

static const char *folder_configure(apr_pool_t *pool, server_rec *server,
                                    const ocsp_responder_settings_t *settings,
                                    void **instance)
{
    (void)server;
    if (*settings->arguments != '/')
        return "the source folder needs the absolute path of a folder";
    *instance = apr_pstrdup(pool, settings->arguments);
    return NULL;
}

/* Upper-case hexadecimal, as ca_serial of a query is, too. */
static const char *name_of(const ocsp_responder_query_t *query,
                           apr_pool_t *pool)
{
    char *name = apr_palloc(pool, 2 * query->serial_len + 2), *end = name;
    apr_size_t i;

    for (i = 0; i < query->serial_len; i++)
        end += apr_snprintf(end, 3, "%02X", query->serial[i]);
    *end = '\0';
    return *name == '0' ? name + 1 : name;
}

/* 1, 0 if there is no such file, -1 if it cannot be read. */
static int read_line(apr_pool_t *pool, const char *path, char *line, int size)
{
    apr_file_t *file;
    apr_status_t result =
        apr_file_open(&file, path, APR_READ | APR_BUFFERED, 0, pool);

    if (result == APR_SUCCESS) {
        result = apr_file_gets(line, size, file);
        apr_file_close(file);
        return result == APR_SUCCESS ? 1 : -1;
    }
    return APR_STATUS_IS_ENOENT(result) ? 0 : -1;
}

/* Only what was read and understood is DONE: all else is never good. */
static ocsp_responder_lookup_t folder_look_up(
    void *instance, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_status_t *status,
    const char **why)
{
    const char *folder = instance, *name = name_of(query, call->pool);
    apr_finfo_t info;
    char line[32], *end;
    int found;

    found =
        read_line(call->pool, apr_pstrcat(call->pool, folder, "/", name, NULL),
                  line, sizeof(line));
    if (found == 0
        && apr_stat(&info, folder, APR_FINFO_TYPE, call->pool) != APR_SUCCESS) {
        *why = "the folder is not there";
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE; /* may come back */
    }
    if (found == 0)
        return OCSP_RESPONDER_LOOKUP_DONE; /* zeroed: never issued */
    if (found > 0 && strcmp(line, "good\n") == 0) {
        status->cert_status = OCSP_RESPONDER_GOOD;
        return OCSP_RESPONDER_LOOKUP_DONE;
    }
    status->revocation_time =
        found > 0 ? apr_time_from_sec(apr_strtoi64(line, &end, 10)) : 0;
    if (status->revocation_time <= 0 || *end != '\n') {
        *why = apr_psprintf(call->pool, "its file %s is not understood", name);
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    status->cert_status = OCSP_RESPONDER_REVOKED;
    return OCSP_RESPONDER_LOOKUP_DONE;
}

static const ocsp_responder_source_t source = { .name = "folder",
                                                .configure = folder_configure,
                                                .look_up = folder_look_up };

static void add_sources(ocsp_responder_registry_t *registry)
{
    registry->add(registry, &source, OCSP_RESPONDER_SOURCE_VERSION);
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    OCSP_RESPONDER_ADD_SOURCES(add_sources);
}

AP_DECLARE_MODULE(ocsp_folder) = { STANDARD20_MODULE_STUFF,
                                   .register_hooks = register_hooks };
