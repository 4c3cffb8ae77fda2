/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/overlaps.h"

#include "apr_hash.h"
#include "apr_strings.h"
#define CORE_PRIVATE
#include "http_core.h"
#include "http_log.h"

#include "httpd/config.h"
#include "httpd/findings.h"

/* The directives of narrow that broad says otherwise; NULL: there are none. */
static const char *list_lost(apr_pool_t *pool, const config_t *narrow,
                             const config_t *broad)
{
    const config_field_t *field;
    const char *list = NULL;

    for (field = config_fields; field->directive; field++) {
        if (!config_is_set(narrow, field) || !config_is_set(broad, field)
            || config_is_same(narrow, broad, field))
            continue;
        list = list ? apr_pstrcat(pool, list, ", ", field->directive, NULL)
                    : field->directive;
    }
    return list;
}

static const char *path_of(const ap_conf_vector_t *section)
{
    const core_dir_config *core = ap_get_core_module_config(section);

    return core->d;
}

static const config_t *settings_of(const ap_conf_vector_t *section)
{
    const config_t *config = config_of_vector(section);

    return config && config->section_at ? config : NULL;
}

static void compare(apr_array_header_t *findings,
                    const ap_conf_vector_t *narrow,
                    const ap_conf_vector_t *broad)
{
    const config_t *config = settings_of(narrow), *other = settings_of(broad);
    const char *lost = list_lost(findings->pool, config, other);

    if (!lost)
        return;
    findings_add(findings, APLOG_WARNING, "OCSP0151", other->section_at,
                 "<Location \"%s\"> stands behind the narrower <Location "
                 "\"%s\"> on line %d of %s and takes its %s away, as the later "
                 "section wins; put it before",
                 path_of(broad), path_of(narrow), config->section_at->line,
                 config->section_at->file, lost);
}

/* The sections by their paths; of those with the same, the last. */
static apr_hash_t *index_paths(apr_pool_t *pool, const apr_array_header_t *urls)
{
    apr_hash_t *paths = apr_hash_make(pool);
    ap_conf_vector_t **url = (ap_conf_vector_t **)urls->elts;
    int i;

    for (i = 0; i < urls->nelts; i++)
        if (settings_of(url[i]))
            apr_hash_set(paths, path_of(url[i]), APR_HASH_KEY_STRING, &url[i]);
    return paths;
}

/* Compares a section with those behind it whose paths begin its own: each with
 * and without a slash at its end. */
static void overlaps_check_section(apr_array_header_t *findings,
                                   apr_hash_t *paths, ap_conf_vector_t **narrow)
{
    const char *path = path_of(*narrow);
    apr_size_t length;

    for (length = 1; length < strlen(path); length++) {
        ap_conf_vector_t **broad = NULL;

        if (path[length - 1] == '/' || path[length] == '/')
            broad = apr_hash_get(paths, path, length);
        if (broad > narrow)
            compare(findings, *narrow, *broad);
    }
}

void overlaps_check(apr_array_header_t *findings, server_rec *servers)
{
    server_rec *server;
    int i;

    for (server = servers; server; server = server->next) {
        const core_server_config *core =
            ap_get_core_module_config(server->module_config);
        ap_conf_vector_t **url = (ap_conf_vector_t **)core->sec_url->elts;
        apr_hash_t *paths = index_paths(findings->pool, core->sec_url);

        for (i = 0; i < core->sec_url->nelts; i++)
            if (settings_of(url[i]))
                overlaps_check_section(findings, paths, &url[i]);
    }
}
