/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#define CORE_PRIVATE
#include "http_core.h"
#include "http_log.h"

#include "httpd/findings.h"
#include "httpd/sections.h"

/* What a responder needs besides its CA: who sets it means a responder. */
static const char *means_responder(const config_t *config)
{
    return config->key_at   ? "OCSPResponderKey"
        : config->cert_at   ? "OCSPResponderCert"
        : config->source_at ? "OCSPResponderSource"
                            : NULL;
}

/* Whether a responder is at path, or below it. */
static int has_responder(const apr_array_header_t *sections, const char *path)
{
    const size_t length = strlen(path);
    int i;

    for (i = 0; i < sections->nelts; i++) {
        const char *below = APR_ARRAY_IDX(sections, i, section_t).path;

        if (strncmp(below, path, length) == 0
            && (below[length] == '\0' || below[length] == '/'
                || (length && path[length - 1] == '/')))
            return 1;
    }
    return 0;
}

static void check_unused_one(apr_array_header_t *findings,
                             const apr_array_header_t *sections,
                             const ap_conf_vector_t *section)
{
    const core_dir_config *core = ap_get_core_module_config(section);
    const config_t *config = config_of_vector(section);
    const char *directive;

    if (!config || !config->section_at || config->ca || config->enabled == 0)
        return;
    directive = means_responder(config);
    if (directive && !has_responder(sections, core->d))
        findings_add(findings, APLOG_WARNING, "OCSP0157", config->section_at,
                     "%s in <Location \"%s\"> is of no responder: no "
                     "OCSPResponderCA stands there, around it or below it, "
                     "which makes one",
                     directive, core->d);
}

void check_unused(apr_array_header_t *findings, server_rec *servers,
                  const apr_array_header_t *sections)
{
    const server_rec *server;
    int i;

    for (server = servers; server; server = server->next) {
        const core_server_config *core =
            ap_get_core_module_config(server->module_config);
        const apr_array_header_t *urls = core->sec_url;

        for (i = 0; i < urls->nelts; i++)
            check_unused_one(findings, sections,
                             APR_ARRAY_IDX(urls, i, ap_conf_vector_t *));
    }
}
