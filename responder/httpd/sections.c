/* SPDX-License-Identifier: Apache-2.0
 * Foretells httpd's location walk, so that a check at start judges what a
 * request will meet. */
#include "httpd/sections.h"

#include "apr_fnmatch.h"
#define CORE_PRIVATE
#include "http_core.h"

static const core_dir_config *core_of(const ap_conf_vector_t *section)
{
    return ap_get_core_module_config(section);
}

/* Whether a request for path is also in section; as ap_location_walk() has
 * it. */
static int covers(const ap_conf_vector_t *section, const char *path)
{
    const core_dir_config *core = core_of(section);
    apr_size_t length = strlen(core->d);

    if (core->r)
        return 0;
    if (core->d_is_fnmatch)
        return apr_fnmatch(core->d, path, APR_FNM_PATHNAME) == APR_SUCCESS;
    if (strncmp(core->d, path, length) != 0)
        return 0;
    return length == 0 || core->d[length - 1] == '/' || path[length] == '/'
        || path[length] == '\0';
}

static const config_t *merge(apr_pool_t *pool, const config_t *outer,
                             const config_t *inner)
{
    return config_merge_dir(pool, (void *)outer, (void *)inner);
}

/* The settings at path: the server's, with every section that covers it laid
 * over in order. */
static const config_t *resolve(apr_pool_t *pool, server_rec *server,
                               const apr_array_header_t *urls, const char *path)
{
    const config_t *config = config_of_vector(server->lookup_defaults);
    int i;

    for (i = 0; i < urls->nelts; i++) {
        const ap_conf_vector_t *url =
            APR_ARRAY_IDX(urls, i, ap_conf_vector_t *);

        if (config_of_vector(url) && covers(url, path))
            config = merge(pool, config, config_of_vector(url));
    }
    return config;
}

/* Each of its pairs is a responder of its own. */
static void add(apr_array_header_t *list, server_rec *server, const char *path,
                const config_t *config)
{
    section_t section = { .server = server, .path = path, .config = config };
    int i, pairs = config_responds(config) ? config_pairs(config) : 0;

    for (i = 0; i < pairs; i++) {
        if (i > 0)
            section.config = config_with_pair(list->pool, config, i);
        APR_ARRAY_PUSH(list, section_t) = section;
    }
}

/* Any directive of ours makes a section a place where settings may change. */
static void add_locations(apr_array_header_t *list, server_rec *server,
                          const apr_array_header_t *urls)
{
    int i;

    for (i = 0; i < urls->nelts; i++) {
        const ap_conf_vector_t *url =
            APR_ARRAY_IDX(urls, i, ap_conf_vector_t *);
        const config_t *own = config_of_vector(url);
        const char *path = core_of(url)->d;

        if (own)
            add(list, server, path, resolve(list->pool, server, urls, path));
    }
}

const apr_array_header_t *sections_list(apr_pool_t *pool, server_rec *servers)
{
    apr_array_header_t *list = apr_array_make(pool, 8, sizeof(section_t));
    server_rec *server;

    for (server = servers; server; server = server->next) {
        core_server_config *core =
            ap_get_core_module_config(server->module_config);

        add_locations(list, server, core->sec_url);
    }
    return list;
}
