/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check_around.h"

#include "apr_strings.h"
#include "httpd.h"
#include "http_config.h"
#include "http_log.h"

#include "httpd/findings.h"
#include "httpd/sections.h"

/* A GET of the length up to which clients use it (RFC 9919 §6), besides the
 * path: base64, method and protocol. */
#define GET_LENGTH (255 + sizeof("GET  HTTP/1.1"))

/* A <Location>, and the <VirtualHost> around it; NULL: the main server. */
typedef struct {
    const ap_directive_t *section;
    const ap_directive_t *host;
    const char *path;
} place_t;

static int is_named(const ap_directive_t *directive, const char *name)
{
    return strcasecmp(directive->directive, name) == 0;
}

static const ap_directive_t *find(const ap_directive_t *section,
                                  const char *name)
{
    const ap_directive_t *each;

    for (each = section->first_child; each; each = each->next)
        if (is_named(each, name))
            return each;
    return NULL;
}

/* The path of a <Location "path">, which ends with the bracket. */
static const char *path_of(apr_pool_t *pool, const ap_directive_t *section)
{
    char *text = apr_pstrdup(pool, section->args);
    char *end = strrchr(text, '>');
    const char *rest = text;

    if (end)
        *end = '\0';
    return ap_getword_conf(pool, &rest);
}

static void collect(apr_array_header_t *places, const ap_directive_t *first,
                    const ap_directive_t *host)
{
    const ap_directive_t *each;

    for (each = first; each; each = each->next) {
        place_t place = { each, host, NULL };

        if (is_named(each, "<VirtualHost"))
            collect(places, each->first_child, each);
        else if (is_named(each, "<Location")) {
            place.path = path_of(places->pool, each);
            APR_ARRAY_PUSH(places, place_t) = place;
        }
    }
}

/* Whether what stands in outer holds for inner, too. */
static int is_around(const place_t *outer, const place_t *inner)
{
    apr_size_t length = strlen(outer->path);

    return outer->section != inner->section
        && (outer->host == inner->host || !outer->host || !inner->host)
        && strncmp(outer->path, inner->path, length) == 0
        && (length == 0 || outer->path[length - 1] == '/'
            || inner->path[length] == '/' || !inner->path[length]);
}

/* -- what is asked --------------------------------------------------------- */

static int asks_for_password(const ap_directive_t *require)
{
    static const char *const kinds[] = { "valid-user", "user", "group" };
    unsigned i;

    for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (strncasecmp(require->args, kinds[i], strlen(kinds[i])) == 0)
            return 1;
    return 0;
}

static int forbids_methods(const ap_directive_t *allow)
{
    return strcasecmp(allow->args, "reset") != 0
        && (!ap_strcasestr(allow->args, "GET")
            || !ap_strcasestr(allow->args, "POST"));
}

/* Directives that hold for sections inside, unless these have their own. */
static const struct {
    const char *name;
    int (*is_hindrance)(const ap_directive_t *directive);
    const char *cure;
} hindrances[] = {
    { "Require", asks_for_password,
      "asks for a password that OCSP clients do not have; give the responder's "
      "location a Require all granted" },
    { "AllowMethods", forbids_methods,
      "keeps OCSP requests out, which come by GET and by POST; give the "
      "responder's location an AllowMethods reset" },
};

/* The first line of a section that is a hindrance of that number; NULL: there
 * is none. */
static const ap_directive_t *find_hindrance(const ap_directive_t *section,
                                            unsigned number)
{
    const ap_directive_t *found = find(section, hindrances[number].name);

    return found && hindrances[number].is_hindrance(found) ? found : NULL;
}

static void tell(apr_array_header_t *findings, const ap_directive_t *found,
                 const ap_directive_t *responder, const char *cure)
{
    config_place_t *at = apr_palloc(findings->pool, sizeof(*at));

    at->file = found->filename;
    at->line = found->line_num;
    findings_add(findings, APLOG_WARNING, "OCSP0152", at,
                 apr_psprintf(findings->pool,
                              "%s, around the responder on line %d of %s, %s",
                              found->directive, responder->line_num,
                              responder->filename, cure));
}

static void check_place(apr_array_header_t *findings,
                        const apr_array_header_t *places, const place_t *outer,
                        unsigned number)
{
    const ap_directive_t *found = find_hindrance(outer->section, number);
    int i;

    for (i = 0; found && i < places->nelts; i++) {
        const place_t *inner = &APR_ARRAY_IDX(places, i, place_t);

        if (is_around(outer, inner) && find(inner->section, "OCSPResponderCA")
            && !find(inner->section, hindrances[number].name))
            tell(findings, found, inner->section, hindrances[number].cure);
    }
}

static void check_lines(apr_array_header_t *findings,
                        const apr_array_header_t *sections)
{
    int i;

    for (i = 0; i < sections->nelts; i++) {
        const section_t *section = &APR_ARRAY_IDX(sections, i, section_t);

        if (section->server->limit_req_line
            < (int)(strlen(section->path) + GET_LENGTH))
            findings_add(findings, APLOG_WARNING, "OCSP0153",
                         section->config->ca_at,
                         apr_psprintf(findings->pool,
                                      "LimitRequestLine %d refuses OCSP "
                                      "requests by GET; set it to 8190",
                                      section->server->limit_req_line));
    }
}

void check_around(apr_array_header_t *findings,
                  const apr_array_header_t *sections)
{
    apr_array_header_t *places =
        apr_array_make(findings->pool, 8, sizeof(place_t));
    unsigned number;
    int i;

    collect(places, ap_conftree, NULL);
    for (i = 0; i < places->nelts; i++)
        for (number = 0; number < sizeof(hindrances) / sizeof(*hindrances);
             number++)
            check_place(findings, places, &APR_ARRAY_IDX(places, i, place_t),
                        number);
    check_lines(findings, sections);
}
