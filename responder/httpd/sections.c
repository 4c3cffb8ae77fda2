/* SPDX-License-Identifier: Apache-2.0
 * Foretells httpd's location walk, so that a check at start judges what a
 * request will meet. */
#include "httpd/sections.h"

#include <stdlib.h>

#include "apr_fnmatch.h"
#include "apr_hash.h"
#define CORE_PRIVATE
#include "http_core.h"

static const core_dir_config *core_of(const ap_conf_vector_t *section)
{
    return ap_get_core_module_config(section);
}

static const config_t *merge(apr_pool_t *pool, const config_t *outer,
                             const config_t *inner)
{
    return config_merge_dir(pool, (void *)outer, (void *)inner);
}

/* -- which sections a path is in ------------------------------------------- */

/* The sections of a server that have settings, by number. */
typedef struct {
    apr_pool_t *pool;               /* its own */
    apr_pool_t *settings_pool;      /* of what is merged */
    const config_t *defaults;       /* the server's; NULL: they say nothing */
    const apr_array_header_t *urls; /* ap_conf_vector_t * */
    apr_hash_t *paths;              /* arrays of numbers, by plain path */
    apr_array_header_t *patterns;   /* numbers of those with wildcards */
    apr_array_header_t *found;      /* numbers of those that a path is in */
} index_t;

static const ap_conf_vector_t *nth(const index_t *index, int number)
{
    return APR_ARRAY_IDX(index->urls, number, ap_conf_vector_t *);
}

static void add_number(apr_array_header_t *numbers, int number)
{
    APR_ARRAY_PUSH(numbers, int) = number;
}

static apr_array_header_t *numbers_of(const index_t *index, const char *path)
{
    apr_array_header_t *numbers =
        apr_hash_get(index->paths, path, APR_HASH_KEY_STRING);

    if (!numbers) {
        numbers = apr_array_make(index->pool, 1, sizeof(int));
        apr_hash_set(index->paths, path, APR_HASH_KEY_STRING, numbers);
    }
    return numbers;
}

static void make_index(index_t *index)
{
    int i;

    index->paths = apr_hash_make(index->pool);
    index->patterns = apr_array_make(index->pool, 0, sizeof(int));
    index->found = apr_array_make(index->pool, 4, sizeof(int));
    for (i = 0; i < index->urls->nelts; i++) {
        const core_dir_config *core = core_of(nth(index, i));

        if (!config_of_vector(nth(index, i)) || core->r)
            continue;
        add_number(core->d_is_fnmatch ? index->patterns
                                      : numbers_of(index, core->d),
                   i);
    }
}

static int compare_numbers(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}

/* The numbers of the sections that a request for path is in, in order; as
 * ap_location_walk() has it. */
static const apr_array_header_t *find_sections(const index_t *index,
                                               const char *path)
{
    apr_array_header_t *found = index->found;
    const apr_size_t end = strlen(path);
    apr_size_t length;
    int i;

    apr_array_clear(found);
    for (length = 0; length <= end; length++) {
        const apr_array_header_t *numbers = NULL;

        if (length == 0 || path[length - 1] == '/' || path[length] == '/'
            || length == end)
            numbers = apr_hash_get(index->paths, path, (apr_ssize_t)length);
        if (numbers)
            apr_array_cat(found, numbers);
    }
    for (i = 0; i < index->patterns->nelts; i++) {
        int number = APR_ARRAY_IDX(index->patterns, i, int);

        if (apr_fnmatch(core_of(nth(index, number))->d, path, APR_FNM_PATHNAME)
            == APR_SUCCESS)
            add_number(found, number);
    }
    qsort(found->elts, (size_t)found->nelts, sizeof(int), compare_numbers);
    return found;
}

/* The settings at path: the server's, with every section that covers it laid
 * over in order. NULL: there are none. */
static const config_t *resolve(const index_t *index, const char *path)
{
    const config_t *config = index->defaults;
    const apr_array_header_t *numbers = find_sections(index, path);
    int i;

    for (i = 0; i < numbers->nelts; i++) {
        const config_t *inner =
            config_of_vector(nth(index, APR_ARRAY_IDX(numbers, i, int)));

        config = config ? merge(index->settings_pool, config, inner) : inner;
    }
    return config;
}

/* -------------------------------------------------------------------------- */

/* Each of its pairs is a responder of its own. */
static void sections_add(apr_array_header_t *list, server_rec *server,
                         const char *path, const config_t *config)
{
    section_t section = { .server = server, .path = path, .config = config };
    int i, pairs = config_responds(config) ? config_pairs(config) : 0;

    for (i = 0; i < pairs; i++) {
        if (i > 0)
            section.config = config_with_pair(list->pool, config, i);
        APR_ARRAY_PUSH(list, section_t) = section;
    }
}

/* Whether settings are as no directive has touched them. Their memory was
 * zeroed, padding too; what differs there is merged, to the same end. */
static int say_nothing(const config_t *config, apr_pool_t *scratch)
{
    const void *untouched = config_create_dir(scratch, NULL);

    return memcmp((const void *)config, untouched, sizeof(*config)) == 0;
}

/* Any directive of ours makes a section a place where settings may change. */
static void add_locations(apr_array_header_t *list, apr_pool_t *scratch,
                          server_rec *server, const apr_array_header_t *urls)
{
    const config_t *defaults = config_of_vector(server->lookup_defaults);
    index_t index = { .pool = scratch,
                      .settings_pool = list->pool,
                      .defaults =
                          say_nothing(defaults, scratch) ? NULL : defaults,
                      .urls = urls };
    int i;

    make_index(&index);
    for (i = 0; i < urls->nelts; i++) {
        const char *path = core_of(nth(&index, i))->d;
        const config_t *config =
            config_of_vector(nth(&index, i)) ? resolve(&index, path) : NULL;

        if (config)
            sections_add(list, server, path, config);
    }
}

static const apr_array_header_t *urls_of(const server_rec *server)
{
    core_server_config *core = ap_get_core_module_config(server->module_config);

    return core->sec_url;
}

static int count_urls(const server_rec *servers)
{
    int count = 0;

    for (; servers; servers = servers->next)
        count += urls_of(servers)->nelts;
    return count;
}

const apr_array_header_t *sections_list(apr_pool_t *pool, server_rec *servers)
{
    apr_array_header_t *list =
        apr_array_make(pool, count_urls(servers), sizeof(section_t));
    apr_pool_t *scratch;
    server_rec *server;

    apr_pool_create(&scratch, pool);
    for (server = servers; server; server = server->next) {
        apr_pool_clear(scratch);
        add_locations(list, scratch, server, urls_of(server));
    }
    apr_pool_destroy(scratch);
    return list;
}
