/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "apr_strings.h"
#include "http_config.h"
#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/sections.h"

/* The directives that are looked for. */
enum {
    REQUIRE = CHECK_REQUIRE,
    COMPAT = CHECK_COMPAT,
    ALLOW_METHODS,
    LUA_QUICK_HANDLER,
    LIMIT_REQUEST_BODY,
    RESPONDER, /* where a CA is set */
    WANTED
};
static const char *const wanted[WANTED] = {
    "Require",          "Deny",           "AllowMethods", "LuaQuickHandler",
    "LimitRequestBody", "OCSPResponderCA"
};

/* What holds for all URLs of a server, or for those of a <Location>. */
typedef struct {
    const ap_directive_t *section; /* the <Location>; NULL: the server */
    const ap_directive_t *host;    /* the <VirtualHost> around it; NULL: the
                                    * main server */
    const ap_directive_t *found[WANTED]; /* the first of each, and those that
                                          * decide who is let in; NULL: there
                                          * is none */
    const char *path;                    /* "" for a server */
    const ap_regex_t *pattern; /* of a <LocationMatch>; NULL: path counts */
} place_t;

static int is_hindrance_named(const ap_directive_t *line)
{
    int i;

    for (i = 0; i < RESPONDER; i++)
        if (check_is_named(line, wanted[i]))
            return 1;
    return 0;
}

int check_around_is_wanted(const ap_directive_t *line)
{
    const ap_directive_t *section = line->parent;

    if (!is_hindrance_named(line))
        return 0;
    while (section && check_is_looked_into(section))
        section = section->parent;
    return !section || check_is_named(section, "<VirtualHost")
        || check_is_named(section, "<Location")
        || check_is_named(section, "<LocationMatch");
}

/* Finds what is wanted from the line first on. */
static void check_around_find(place_t *place, const ap_directive_t *first)
{
    const ap_directive_t *each;
    int i;

    for (each = first; each; each = each->next) {
        for (i = ALLOW_METHODS; i < WANTED; i++)
            if (!place->found[i] && check_is_named(each, wanted[i]))
                place->found[i] = each;
        if (each->first_child && check_is_looked_into(each))
            check_around_find(place, each->first_child);
    }
}

static place_t make_place(const ap_directive_t *section,
                          const ap_directive_t *host, const char *path,
                          const ap_directive_t *first)
{
    place_t place = { .section = section, .host = host, .path = path };

    check_around_find(&place, first);
    place.found[REQUIRE] = check_access_decider(first, CHECK_REQUIRE);
    place.found[COMPAT] = check_access_decider(first, CHECK_COMPAT);
    return place;
}

/* A <Location>, or a <LocationMatch>; what it says ends with the bracket. */
static place_t make_location(apr_pool_t *pool, const ap_directive_t *section,
                             const ap_directive_t *host)
{
    char *text = apr_pstrdup(pool, section->args);
    char *end = strrchr(text, '>');
    const char *rest = text, *path;
    int is_pattern = check_is_named(section, "<LocationMatch");
    place_t place;

    if (end)
        *end = '\0';
    path = ap_getword_conf(pool, &rest);
    if (!is_pattern && strcmp(path, "~") == 0) {
        is_pattern = 1;
        path = ap_getword_conf(pool, &rest);
    }
    place = make_place(section, host, path, section->first_child);
    if (is_pattern)
        place.pattern = ap_pregcomp(pool, path, AP_REG_EXTENDED);
    return place;
}

/* Lists a server, and the places inside of it. */
static void check_around_collect(apr_array_header_t *places,
                                 const ap_directive_t *first,
                                 const ap_directive_t *host)
{
    const ap_directive_t *each;

    APR_ARRAY_PUSH(places, place_t) = make_place(NULL, host, "", first);
    for (each = first; each; each = each->next) {
        if (check_is_named(each, "<VirtualHost"))
            check_around_collect(places, each->first_child, each);
        else if (check_is_named(each, "<Location")
                 || check_is_named(each, "<LocationMatch"))
            APR_ARRAY_PUSH(places, place_t) =
                make_location(places->pool, each, host);
    }
}

/* Whether what stands in outer holds for inner, too. */
static int is_around(const place_t *outer, const place_t *inner)
{
    apr_size_t length = strlen(outer->path);

    if (outer->section == inner->section
        || (outer->host != inner->host && outer->host && inner->host))
        return 0;
    if (outer->pattern)
        return ap_regexec(outer->pattern, inner->path, 0, NULL, 0) == 0;
    return strncmp(outer->path, inner->path, length) == 0
        && (length == 0 || outer->path[length - 1] == '/'
            || inner->path[length] == '/' || !inner->path[length]);
}

/* Whether httpd lays one over the other: sections over what a server says,
 * those of a virtual host over those of the main server, else by their order.
 */
static int is_behind(const place_t *one, const place_t *other)
{
    if (!one->section != !other->section)
        return one->section != NULL;
    if (one->host != other->host)
        return one->host != NULL;
    return one > other;
}

/* Of the places that have a directive, the one by which httpd goes at a
 * responder, in a host; NULL: there is none. */
static const place_t *find_last(const apr_array_header_t *having,
                                const place_t *inner,
                                const ap_directive_t *host)
{
    const place_t *last = NULL;
    int i;

    for (i = 0; i < having->nelts; i++) {
        const place_t *each = APR_ARRAY_IDX(having, i, const place_t *);

        if ((!each->host || each->host == host)
            && (each == inner || is_around(each, inner))
            && (!last || is_behind(each, last)))
            last = each;
    }
    return last;
}

/* The places that have a directive. */
static apr_array_header_t *list_having(const apr_array_header_t *places,
                                       int directive)
{
    apr_array_header_t *having =
        apr_array_make(places->pool, 8, sizeof(const place_t *));
    int i;

    for (i = 0; i < places->nelts; i++) {
        const place_t *place = &APR_ARRAY_IDX(places, i, place_t);

        if (place->found[directive])
            APR_ARRAY_PUSH(having, const place_t *) = place;
    }
    return having;
}

/* -- what is asked --------------------------------------------------------- */

static int asks_for_password(const ap_directive_t *rule)
{
    return check_access_of(rule) == CHECK_PASSWORD;
}

static int lets_nobody_in(const ap_directive_t *rule)
{
    return check_access_of(rule) == CHECK_NOBODY;
}

static int forbids_methods(const ap_directive_t *allow)
{
    return strcasecmp(allow->args, "reset") != 0
        && (!ap_strcasestr(allow->args, "GET")
            || !ap_strcasestr(allow->args, "POST"));
}

static int is_hindrance_always(const ap_directive_t *directive)
{
    (void)directive;
    return 1;
}

/* Directives that hold for sections inside, unless these have their own. */
static const struct {
    int directive;
    int (*is_hindrance)(const ap_directive_t *directive);
    const char *cure;
} hindrances[] = {
    { REQUIRE, asks_for_password,
      "asks for a password that OCSP clients do not have; put the responder's "
      "location behind it, with a Require all granted" },
    { REQUIRE, lets_nobody_in,
      "lets nobody in; put the responder's location behind it, with a Require "
      "all granted" },
    { COMPAT, lets_nobody_in,
      "lets nobody in; put the responder's location behind it, with an Allow "
      "from all" },
    { ALLOW_METHODS, forbids_methods,
      "keeps OCSP requests out, which come by GET and by POST; put the "
      "responder's location behind it, with an AllowMethods reset" },
    { LUA_QUICK_HANDLER, is_hindrance_always,
      "runs before the responder and can answer in its place; see that its "
      "function declines the responder's URLs" },
};

/* The first line of a place that is a hindrance of that number; NULL: there is
 * none. */
static const ap_directive_t *find_hindrance(const place_t *place,
                                            unsigned number)
{
    const ap_directive_t *found = place->found[hindrances[number].directive];

    return found && hindrances[number].is_hindrance(found) ? found : NULL;
}

static void check_around_tell(apr_array_header_t *findings, const char *id,
                              const ap_directive_t *found,
                              const ap_directive_t *responder, const char *cure)
{
    findings_add(findings, APLOG_WARNING, id,
                 directive_place_of(findings->pool, found),
                 "%s, which holds for the responder on line %d of %s, %s",
                 found->directive, responder->line_num, responder->filename,
                 cure);
}

static void check_place(apr_array_header_t *findings,
                        const apr_array_header_t *places,
                        const apr_array_header_t *having, const place_t *outer,
                        unsigned number)
{
    const ap_directive_t *found = find_hindrance(outer, number);
    int i;

    for (i = 0; found && i < places->nelts; i++) {
        const place_t *inner = &APR_ARRAY_IDX(places, i, place_t);

        if (inner->found[RESPONDER] && is_around(outer, inner)
            && find_last(having, inner, outer->host ? outer->host : inner->host)
                == outer)
            check_around_tell(findings, "OCSP0152", found, inner->section,
                              hindrances[number].cure);
    }
}

static void check_hindrances(apr_array_header_t *findings,
                             const apr_array_header_t *places)
{
    unsigned number;
    int i;

    for (number = 0; number < sizeof(hindrances) / sizeof(*hindrances);
         number++) {
        const apr_array_header_t *having =
            list_having(places, hindrances[number].directive);

        for (i = 0; i < having->nelts; i++)
            check_place(findings, places, having,
                        APR_ARRAY_IDX(having, i, const place_t *), number);
    }
}

/* -- lengths --------------------------------------------------------------- */

/* OCSPResponderMaxRequest where a CA is set, in bytes. */
static int max_request(const apr_array_header_t *sections,
                       const ap_directive_t *responder)
{
    int i;

    for (i = 0; i < sections->nelts; i++) {
        const config_t *config = APR_ARRAY_IDX(sections, i, section_t).config;

        if (config->ca_at->line == responder->line_num
            && strcmp(config->ca_at->file, responder->filename) == 0)
            return config_max_request(config);
    }
    return 0;
}

static void check_bodies(apr_array_header_t *findings,
                         const apr_array_header_t *places,
                         const apr_array_header_t *sections)
{
    const apr_array_header_t *having = list_having(places, LIMIT_REQUEST_BODY);
    int i;

    for (i = 0; having->nelts && i < places->nelts; i++) {
        const place_t *inner = &APR_ARRAY_IDX(places, i, place_t);
        const place_t *last = inner->found[RESPONDER]
            ? find_last(having, inner, inner->host)
            : NULL;
        const ap_directive_t *limit =
            last ? last->found[LIMIT_REQUEST_BODY] : NULL;
        apr_int64_t most = limit ? apr_atoi64(limit->args) : 0;

        /* 0 is no limit. */
        if (most > 0 && most < max_request(sections, inner->found[RESPONDER]))
            check_around_tell(
                findings, "OCSP0154", limit, inner->section,
                "refuses requests that OCSPResponderMaxRequest allows; put the "
                "responder's location behind it, with a LimitRequestBody 0");
    }
}

/* -------------------------------------------------------------------------- */

/* Whether a rule keeps some out. */
static int is_bound(const ap_directive_t *rule)
{
    check_access_t access = rule ? check_access_of(rule) : CHECK_UNSAID;

    return access != CHECK_UNSAID && access != CHECK_EVERYBODY;
}

/* Whether sections of other lines than a place's own bound who is let in. */
static int is_guarded_around(const apr_array_header_t *places,
                             const place_t *inner)
{
    int rules;

    for (rules = REQUIRE; rules <= COMPAT; rules++) {
        const place_t *last =
            find_last(list_having(places, rules), inner, inner->host);

        if (last && is_bound(last->found[rules]))
            return 1;
    }
    return 0;
}

int check_around_guards(apr_pool_t *pool, const ap_directive_t *line)
{
    apr_array_header_t *places = apr_array_make(pool, 8, sizeof(place_t));
    const ap_directive_t *section, *own;
    int i;

    check_around_collect(places, ap_conftree, NULL);
    for (section = line->parent; section; section = section->parent) {
        own = check_access_decider(section->first_child, CHECK_REQUIRE);
        if ((own && !check_is_named(own, "AuthMerging"))
            || is_bound(check_access_decider(section->first_child,
                                             CHECK_COMPAT)))
            return 1;
        for (i = 0; i < places->nelts; i++) {
            const place_t *place = &APR_ARRAY_IDX(places, i, place_t);

            if (place->section == section && is_guarded_around(places, place))
                return 1;
        }
    }
    return 0;
}

void check_around(apr_array_header_t *findings,
                  const apr_array_header_t *sections)
{
    apr_array_header_t *places =
        apr_array_make(findings->pool, 8, sizeof(place_t));

    check_around_collect(places, ap_conftree, NULL);
    check_hindrances(findings, places);
    check_bodies(findings, places, sections);
}
