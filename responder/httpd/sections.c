/* SPDX-License-Identifier: Apache-2.0
 * Foretells httpd's location walk, so that a check at start judges what a
 * request will meet. */
#include "httpd/sections.h"

#include <stdlib.h>

#include "apr_strings.h"
#include "http_core.h"

#include "base/text_hash.h"

/* -- which sections a path is in ------------------------------------------- */

/* A <Location> with settings. None has wildcards or is a regular expression:
 * there the directives are refused. */
typedef struct url_t {
    const char *path;
    const config_t *config;
    struct url_t *next; /* with the same path, behind it; NULL: there is none */
} url_t;

/* Of one server. */
typedef struct {
    server_rec *server;
    const config_t *defaults;  /* NULL: they say nothing */
    apr_array_header_t *urls;  /* url_t, in order */
    apr_hash_t *paths;         /* the first url_t of each path */
    apr_array_header_t *found; /* url_t *: those that a path is in */
} index_t;

/* Whether settings are as no directive has touched them. Their memory was
 * zeroed, padding too; what differs there is merged, to the same end. */
static int say_nothing(const config_t *config, apr_pool_t *scratch)
{
    const void *untouched = config_create_dir(scratch, NULL);

    return memcmp((const void *)config, untouched, sizeof(*config)) == 0;
}

static const apr_array_header_t *sections_of(const server_rec *server)
{
    core_server_config *core = ap_get_core_module_config(server->module_config);

    return core->sec_url;
}

static apr_array_header_t *list_urls(apr_pool_t *scratch,
                                     const apr_array_header_t *sections)
{
    apr_array_header_t *urls =
        apr_array_make(scratch, sections->nelts, sizeof(url_t));
    int i;

    for (i = 0; i < sections->nelts; i++) {
        const ap_conf_vector_t *section =
            APR_ARRAY_IDX(sections, i, ap_conf_vector_t *);
        const core_dir_config *core = ap_get_core_module_config(section);
        const url_t url = { core->d, config_of_vector(section), NULL };

        if (url.config)
            APR_ARRAY_PUSH(urls, url_t) = url;
    }
    return urls;
}

static index_t make_index(apr_pool_t *scratch, server_rec *server)
{
    const config_t *defaults = config_of_vector(server->lookup_defaults);
    index_t index = { .server = server,
                      .defaults =
                          say_nothing(defaults, scratch) ? NULL : defaults,
                      .urls = list_urls(scratch, sections_of(server)),
                      .paths = text_hash_make(scratch),
                      .found = apr_array_make(scratch, 4, sizeof(url_t *)) };
    int i;

    for (i = index.urls->nelts - 1; i >= 0; i--) {
        url_t *url = &APR_ARRAY_IDX(index.urls, i, url_t);

        url->next = apr_hash_get(index.paths, url->path, APR_HASH_KEY_STRING);
        apr_hash_set(index.paths, url->path, APR_HASH_KEY_STRING, url);
    }
    return index;
}

static int compare_urls(const void *one, const void *other)
{
    const url_t *first = *(url_t *const *)one, *second = *(url_t *const *)other;

    return (first > second) - (first < second);
}

/* The sections that a request for path is in, in order; as ap_location_walk()
 * has it. */
static void find_sections(const index_t *index, const char *path)
{
    const apr_size_t end = strlen(path);
    apr_size_t length;
    url_t *url;

    apr_array_clear(index->found);
    for (length = 1; length <= end; length++) {
        if (length < end && path[length - 1] != '/' && path[length] != '/')
            continue;
        url = apr_hash_get(index->paths, path, (apr_ssize_t)length);
        for (; url; url = url->next)
            APR_ARRAY_PUSH(index->found, url_t *) = url;
    }
    if (index->found->nelts > 1)
        qsort(index->found->elts, (size_t)index->found->nelts, sizeof(url_t *),
              compare_urls);
}

static const url_t *nth(const index_t *index, int number)
{
    return APR_ARRAY_IDX(index->found, number, const url_t *);
}

/* The settings where the found sections cover a path: the server's, with each
 * laid over in order. */
static const config_t *resolve(apr_pool_t *pool, const index_t *index)
{
    const config_t *config = index->defaults;
    int i;

    for (i = 0; i < index->found->nelts; i++) {
        const config_t *inner = nth(index, i)->config;

        config = config ? config_merge_dir(pool, (void *)config, (void *)inner)
                        : inner;
    }
    return config;
}

/* -- what they come to ----------------------------------------------------- */

static section_t section_of(const index_t *index, const url_t *url)
{
    const section_t section = { index->server, url->path, url->config };

    return section;
}

/* Each of its pairs is a responder of its own. */
static void add_responder(apr_array_header_t *list, section_t section)
{
    const config_t *config = section.config;
    int i, pairs = config_pairs(config);

    for (i = 0; i < pairs; i++) {
        if (i > 0)
            section.config = config_with_pair(list->pool, config, i);
        APR_ARRAY_PUSH(list, section_t) = section;
    }
}

/* Of those with one path, the last counts. */
static void add_overlaps(apr_array_header_t *list, const index_t *index,
                         const url_t *narrow)
{
    int i;

    for (i = index->found->nelts - 1; i >= 0 && nth(index, i) > narrow; i--) {
        const url_t *broad = nth(index, i);
        const section_overlap_t overlap = { section_of(index, narrow),
                                            section_of(index, broad) };

        if (!broad->next)
            APR_ARRAY_PUSH(list, section_overlap_t) = overlap;
    }
}

/* Of all servers: a section of the main one is each virtual host's, too. */
typedef struct {
    sections_t *sections;
    apr_hash_t *used; /* const config_t * of sections without a CA that are
                       * a responder's */
} finder_t;

static void note_used(const finder_t *finder, const index_t *index)
{
    int i;

    for (i = 0; i < index->found->nelts; i++) {
        const config_t *config = nth(index, i)->config;

        if (config && !config->ca)
            apr_hash_set(finder->used,
                         apr_pmemdup(finder->sections->unused->pool, &config,
                                     sizeof(config)),
                         sizeof(config), config);
    }
}

static void add_url(const finder_t *finder, const index_t *index,
                    const url_t *url)
{
    section_t section = section_of(index, url);

    find_sections(index, url->path);
    add_overlaps(finder->sections->overlaps, index, url);
    if (!url->config->ca)
        APR_ARRAY_PUSH(finder->sections->unused, section_t) = section;
    section.config = resolve(finder->sections->responders->pool, index);
    if (!config_responds(section.config))
        return;
    note_used(finder, index);
    add_responder(finder->sections->responders, section);
}

/* Takes away what turned out to be a responder's. */
static void keep_unused(const finder_t *finder)
{
    apr_array_header_t *list = finder->sections->unused;
    int i, kept = 0;

    for (i = 0; i < list->nelts; i++) {
        const section_t section = APR_ARRAY_IDX(list, i, section_t);

        if (!apr_hash_get(finder->used, &section.config,
                          sizeof(section.config)))
            APR_ARRAY_IDX(list, kept++, section_t) = section;
    }
    list->nelts = kept;
}

static int count_sections(const server_rec *servers)
{
    int count = 0;

    for (; servers; servers = servers->next)
        count += sections_of(servers)->nelts;
    return count;
}

const sections_t *sections_list(apr_pool_t *pool, apr_pool_t *temporary,
                                server_rec *servers)
{
    sections_t *sections = apr_palloc(temporary, sizeof(*sections));
    finder_t finder = { sections, apr_hash_make(temporary) };
    apr_pool_t *scratch;
    server_rec *server;
    int i;

    sections->responders =
        apr_array_make(pool, count_sections(servers), sizeof(section_t));
    sections->unused = apr_array_make(temporary, 0, sizeof(section_t));
    sections->overlaps =
        apr_array_make(temporary, 0, sizeof(section_overlap_t));
    apr_pool_create(&scratch, temporary);
    for (server = servers; server; server = server->next) {
        index_t index = make_index(scratch, server);

        for (i = 0; i < index.urls->nelts; i++)
            add_url(&finder, &index, &APR_ARRAY_IDX(index.urls, i, url_t));
        apr_pool_clear(scratch);
    }
    apr_pool_destroy(scratch);
    keep_unused(&finder);
    return sections;
}
