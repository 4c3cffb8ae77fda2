/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/directive_place.h"

#include "apr_strings.h"
#include "http_config.h"

static int is_host(const ap_directive_t *node)
{
    return strcasecmp(node->directive, "<VirtualHost") == 0;
}

static int is_of(const ap_directive_t *node, const server_rec *server)
{
    return server->defn_name && node->filename
        && server->defn_line_number == (unsigned)node->line_num
        && strcmp(server->defn_name, node->filename) == 0;
}

/* The last one among node, its followers and what they hold; virtual hosts are
 * left out. */
static const ap_directive_t *find(const ap_directive_t *node, const char *name)
{
    const ap_directive_t *found = NULL;

    for (; node; node = node->next) {
        const ap_directive_t *inner =
            is_host(node) ? NULL : find(node->first_child, name);

        if (strcasecmp(node->directive, name) == 0)
            inner = node;
        if (inner)
            found = inner;
    }
    return found;
}

/* What a virtual host holds; NULL: it is not below node. */
static const ap_directive_t *find_host(const ap_directive_t *node,
                                       const server_rec *server)
{
    for (; node; node = node->next) {
        const ap_directive_t *inner = find_host(node->first_child, server);

        if (inner)
            return inner;
        if (is_host(node) && is_of(node, server))
            return node->first_child;
    }
    return NULL;
}

const config_place_t *directive_place(
    apr_pool_t *pool, const server_rec *server, const char *directive)
{
    const ap_directive_t *found = server->is_virtual
        ? find(find_host(ap_conftree, server), directive)
        : NULL;
    config_place_t *place;

    if (!found)
        found = find(ap_conftree, directive);
    if (!found)
        return NULL;
    place = apr_palloc(pool, sizeof(*place));
    place->file = found->filename;
    place->line = found->line_num;
    return place;
}

const char *directive_place_fault(apr_pool_t *pool, const config_t *config,
                                  const char *text)
{
    return apr_psprintf(pool,
                        "%s; this is for what stands on line %d of %s: "
                        "OCSPResponderCA %s",
                        text, config->ca_at->line, config->ca_at->file,
                        config->ca);
}
