/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/directive_place.h"

#include "apr_strings.h"
#include "http_config.h"

const ap_directive_t *directive_place_next(const ap_directive_t *line)
{
    if (line->first_child)
        return line->first_child;
    while (line && !line->next)
        line = line->parent;
    return line ? line->next : NULL;
}

const ap_directive_t *directive_place_host(const ap_directive_t *line)
{
    while (line && strcasecmp(line->directive, "<VirtualHost") != 0)
        line = line->parent;
    return line;
}

/* Whether a line is in a virtual host's section; server NULL: in none. */
static int is_of(const ap_directive_t *line, const server_rec *server)
{
    const ap_directive_t *host = directive_place_host(line);

    if (!host || !server)
        return !host && !server;
    return server->defn_name && host->filename
        && server->defn_line_number == (unsigned)host->line_num
        && strcmp(server->defn_name, host->filename) == 0;
}

/* The last one of a virtual host; server NULL: that is in none. */
static const ap_directive_t *find(const server_rec *server, const char *name)
{
    const ap_directive_t *line, *found = NULL;

    for (line = ap_conftree; line; line = directive_place_next(line))
        if (strcasecmp(line->directive, name) == 0 && is_of(line, server))
            found = line;
    return found;
}

const config_place_t *directive_place_of(apr_pool_t *pool,
                                         const ap_directive_t *line)
{
    const config_place_t at = { line->filename, line->line_num };

    return apr_pmemdup(pool, &at, sizeof(at));
}

const config_place_t *directive_place(
    apr_pool_t *pool, const server_rec *server, const char *directive)
{
    const ap_directive_t *found =
        server->is_virtual ? find(server, directive) : NULL;

    if (!found)
        found = find(NULL, directive);
    return found ? directive_place_of(pool, found) : NULL;
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
