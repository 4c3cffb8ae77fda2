/* SPDX-License-Identifier: Apache-2.0
 * An example: OCSPResponderSource list FILE has a certificate a line, as
 * "0a1b good" or, with the second since 1970 of its end, "0a1b 1700000000". */
#include "httpd.h"
#include "http_config.h"
#include "apr_escape.h"
#include "apr_strings.h"
#include "mod_ocsp_responder.h"

static const char *configure(apr_pool_t *pool, server_rec *server,
                             const ocsp_responder_settings_t *settings,
                             void **path)
{
    (void)server;
    *path = ap_server_root_relative(pool, settings->arguments);
    return *settings->arguments && *path ? NULL : "list needs a file";
}

/* Only what was read and understood is DONE: all else is never good. */
static ocsp_responder_lookup_t look_up(
    void *path, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_status_t *status,
    const char **why)
{
    const char *hex = query->serial_len ? apr_pescape_hex(
        call->pool, query->serial, query->serial_len, 0) : "00";
    const apr_size_t length = strlen(hex);
    char line[128] = "", *word, *end;
    apr_file_t *file;
    apr_status_t result =
        apr_file_open(&file, path, APR_READ | APR_BUFFERED, 0, call->pool);

    while (!result && !(result = apr_file_gets(line, sizeof(line), file)))
        if (!strchr(line, '\n')
            || (!strncmp(line, hex, length) && line[length] == ' '))
            break;
    if (APR_STATUS_IS_EOF(result))
        return OCSP_RESPONDER_LOOKUP_DONE; /* zeroed: never issued */
    *why = "its file cannot be read, or has a line that is not understood";
    if (result)
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE; /* may come back */
    word = line + strcspn(line, " ");
    status->revocation_time = apr_time_from_sec(apr_strtoi64(word, &end, 10));
    if (!strcmp(word, " good\n"))
        status->cert_status = OCSP_RESPONDER_GOOD;
    else if (status->revocation_time > 0 && !strcmp(end, "\n"))
        status->cert_status = OCSP_RESPONDER_REVOKED;
    return status->cert_status ? OCSP_RESPONDER_LOOKUP_DONE
                               : OCSP_RESPONDER_LOOKUP_FAILED;
}

static void add_sources(ocsp_responder_registry_t *registry)
{
    static const ocsp_responder_source_t list = { "list", configure,
                                                  .look_up = look_up };
    registry->add(registry, &list, OCSP_RESPONDER_SOURCE_VERSION);
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    OCSP_RESPONDER_ADD_SOURCES(add_sources);
}

AP_DECLARE_MODULE(ocsp_list) = { STANDARD20_MODULE_STUFF,
                                 .register_hooks = register_hooks };
